// What a person types at the prompt, before it means anything: is it finished, what are its words.
#pragma once

#include <string>
#include <string_view>

namespace tenfold::cli {

/// False where more must follow: a bracket, a comment or a text is open, the last word joins (`and`, `=`, `,`), or
/// there are attributes without what they stand on.
bool is_complete(std::string_view entry);

/// True inside of a long text or comment, and after attributes: what follows belongs to it whatever it looks like.
bool needs_next_line(std::string_view entry);

/// True where a line begins an item of a program, or a command: what came before it is finished.
bool begins_item(std::string_view line);

/// The entry with its queries left out, and whether there were any.
struct Split {
  std::string kept;
  bool asks = false;
};
Split without_queries(const std::string& entry);

}  // namespace tenfold::cli
