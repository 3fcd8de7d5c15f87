// Small documents made for the tests of this folder, and how they are read.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "media/adapter.h"
#include "media/file_type.h"

namespace tenfold::media::documents {

/// A folder that goes with the test.
class Scratch {
 public:
  Scratch() {
    static int count = 0;
    folder_ = std::filesystem::temp_directory_path() /
              ("tenfold-documents-" + std::to_string(::getpid()) + "-" + std::to_string(count++));
    std::filesystem::create_directories(folder_);
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  Scratch(const Scratch&) = delete;
  std::string write(const std::string& name, std::string_view bytes) const {
    const std::string path = (folder_ / name).string();
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

 private:
  std::filesystem::path folder_;
};

/// A PDF of these page contents, on Letter paper (612 x 792 points) in Helvetica (F1) and Helvetica-Bold (F2).
/// `extra` stands in each page's dictionary, `trailer` in the trailer.
inline std::string make_pdf(const std::vector<std::string>& contents, const std::string& extra = "",
                            const std::string& trailer = "") {
  std::string out = "%PDF-1.4\n";
  std::vector<std::size_t> offsets;
  const auto add = [&](const std::string& body) {
    offsets.push_back(out.size());
    out += std::to_string(offsets.size()) + " 0 obj\n" + body + "\nendobj\n";
  };
  add("<< /Type /Catalog /Pages 2 0 R >>");
  std::string kids;
  for (std::size_t i = 0; i < contents.size(); ++i) kids += std::to_string(5 + 2 * i) + " 0 R ";
  add("<< /Type /Pages /Kids [" + kids + "] /Count " + std::to_string(contents.size()) +
      " /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>");
  add("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>");
  add("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>");
  for (std::size_t i = 0; i < contents.size(); ++i) {
    add("<< /Type /Page /Parent 2 0 R /Contents " + std::to_string(6 + 2 * i) + " 0 R " + extra + " >>");
    add("<< /Length " + std::to_string(contents[i].size()) + " >>\nstream\n" + contents[i] + "\nendstream");
  }
  const std::size_t table = out.size();
  std::ostringstream cross;
  cross << "xref\n0 " << offsets.size() + 1 << "\n0000000000 65535 f \n";
  for (const std::size_t offset : offsets) {
    const std::string digits = std::to_string(offset);
    cross << std::string(10 - digits.size(), '0') << digits << " 00000 n \n";
  }
  cross << "trailer\n<< /Size " << offsets.size() + 1 << " /Root 1 0 R " << trailer << " >>\nstartxref\n"
        << table << "\n%%EOF\n";
  return out + cross.str();
}

/// A line of a page's contents; `y` from the top of the page to the baseline.
inline std::string show(double x, double y, const std::string& text, double size = 11, const char* font = "F1") {
  std::ostringstream out;
  out << "BT /" << font << " " << size << " Tf " << x << " " << 792 - y << " Td (";
  for (const char c : text) {
    if (c == '(' || c == ')' || c == '\\') out << '\\';
    out << c;
  }
  out << ") Tj ET\n";
  return out.str();
}

inline const Adapter& adapter() {
  for (const Adapter& one : adapters())
    if (one.name == "document") return one;
  throw std::runtime_error("there is no adapter `document`");
}

inline std::size_t relation(std::string_view name) {
  const auto& all = adapter().relations;
  const auto it = std::find_if(all.begin(), all.end(), [&](const FactSchema& one) { return one.relation == name; });
  if (it == all.end()) throw std::runtime_error("there is no relation " + std::string(name));
  return static_cast<std::size_t>(it - all.begin());
}

inline Result<std::unique_ptr<Medium>> open(const std::string& path, const Limits& limits = {}) {
  const auto type = file_type_of(path);
  if (!type) return type.error();
  return adapter().open(path, *type, limits);
}

/// "1 | heading | …", numbers in their shortest form.
inline std::string written(const MediaFact& fact) {
  std::ostringstream out;
  for (std::size_t i = 0; i < fact.values.size(); ++i) {
    if (i > 0) out << " | ";
    std::visit([&](const auto& value) { out << value; }, fact.values[i]);
  }
  return out.str();
}

/// The tuples of a relation, each checked to be what the schema promises.
inline std::vector<MediaFact> facts(Medium& medium, std::string_view name, std::string_view part = "") {
  const FactSchema& schema = adapter().relations[relation(name)];
  const auto read = medium.read(relation(name), part.empty() ? Part{} : read_key("x#" + std::string(part)).part);
  if (!read.ok()) {
    ADD_FAILURE() << render(read.error());
    return {};
  }
  for (const MediaFact& fact : *read) {
    EXPECT_EQ(fact.values.size() + 1, schema.columns.size()) << name;
    for (std::size_t i = 0; i < fact.values.size() && i + 1 < schema.columns.size(); ++i) {
      const Type type = schema.columns[i + 1].type;
      const std::size_t expected = type == Type::string ? 2 : type == Type::f64 ? 1 : 0;
      EXPECT_EQ(fact.values[i].index(), expected) << name << "." << schema.columns[i + 1].name;
    }
  }
  return *read;
}

inline std::vector<std::string> rows(Medium& medium, std::string_view name, std::string_view part = "") {
  std::vector<std::string> out;
  for (const MediaFact& fact : facts(medium, name, part)) out.push_back(written(fact));
  return out;
}

/// `count` copies of a file with some bytes changed, removed, doubled or cut off, always the same ones.
template <class Use>
void mutate(const std::string& original, std::size_t count, Use use) {
  std::uint64_t state = 0x9E3779B97F4A7C15u;
  const auto draw = [&](std::uint64_t below) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return static_cast<std::size_t>(state % below);
  };
  for (std::size_t i = 0; i < count; ++i) {
    std::string bytes = original;
    for (std::size_t edits = 1 + draw(4); edits > 0 && !bytes.empty(); --edits) {
      const std::size_t at = draw(bytes.size());
      switch (draw(5)) {
        case 0:
          bytes[at] = static_cast<char>(draw(256));
          break;
        case 1:
          bytes.erase(at, 1 + draw(40));
          break;
        case 2:
          bytes.insert(at, bytes.substr(draw(bytes.size()), 1 + draw(60)));
          break;
        case 3:
          bytes[at] = static_cast<char>('0' + draw(10));
          break;
        default:
          bytes.resize(at);
          break;
      }
    }
    use(bytes);
  }
}

}  // namespace tenfold::media::documents
