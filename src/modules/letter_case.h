// Upper and lower case of one letter, for Latin, Greek and Cyrillic.
#pragma once

namespace tenfold::modules {

/// One letter for one letter: what has no counterpart in the alphabet (ß, µ, ı) and other scripts stay as they are.
/// Covers Latin as European languages and Vietnamese write it, Greek and Cyrillic. Source: Unicode 15 UnicodeData.txt.
char32_t upper(char32_t scalar);
char32_t lower(char32_t scalar);

/// Property White_Space of Unicode 15 PropList.txt.
bool is_space(char32_t scalar);

}  // namespace tenfold::modules
