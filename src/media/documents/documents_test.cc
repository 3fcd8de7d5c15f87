// What every document does alike: keys and parts, laziness, limits; and plain text.
#include "media/documents/test_files.h"

namespace tenfold::media::documents {
namespace {

using testing::Test;
using Rows = std::vector<std::string>;

constexpr std::string_view kLetter =
    "NOTICE OF DEFAULT\n\nTo the tenant:\nrent is due\nsince March.\n\n  1. Pay at once.\n  2. Or move out.\n";

TEST(PlainText, has_blocks_lines_and_words_with_characters_of_the_file) {
  const Scratch scratch;
  auto medium = open(scratch.write("a.txt", kLetter));
  ASSERT_TRUE(medium.ok()) << render(medium.error());
  EXPECT_EQ(rows(**medium, "document"), (Rows{"text | 1 | "}));
  EXPECT_EQ(rows(**medium, "block"),
            (Rows{"1 | 1 | heading | 1 | NOTICE OF DEFAULT",
                  "1 | 2 | paragraph | 0 | To the tenant: rent is due since March.",
                  "1 | 3 | list-item | 1 | 1. Pay at once.", "1 | 4 | list-item | 1 | 2. Or move out."}));
  EXPECT_EQ(rows(**medium, "line").size(), 6u);
  const auto words = facts(**medium, "word");
  ASSERT_EQ(words.size(), 19u);
  for (const MediaFact& word : words) {
    const Part part = read_key(word.place).part;
    ASSERT_TRUE(part.chars && !part.page && !part.box) << word.place;
    EXPECT_EQ(kLetter.substr(part.chars->first, part.chars->second - part.chars->first),
              std::get<std::string>(word.values[2]));
  }
  EXPECT_EQ(rows(**medium, "page_text", "char=19,32"), (Rows{"1 | To the tenant:"}));
}

TEST(PlainText, is_read_in_the_encodings_that_people_send) {
  const Scratch scratch;
  const std::string wide = [] {
    std::string out = "\xFF\xFE";
    for (const char16_t c : std::u16string(u"Größe 5 €"))
      out += {static_cast<char>(c & 0xFF), static_cast<char>(c >> 8)};
    return out;
  }();
  const std::pair<std::string, std::string> kCases[] = {
      {wide, "Größe 5 €"},
      {"\xEF\xBB\xBFGr\xC3\xB6\xC3\x9F"
       "e",
       "Größe"},
      {"Die Gr\xF6\xDF"
       "e der Wohnung \xFC"
       "berschreitet f\xFCr drei R\xE4ume 60 m\xB2; 500 \x80 f\xE4llig\r\nam ersten M\xE4rz",
       "Die Größe der Wohnung überschreitet für drei Räume 60 m²; 500 € fällig\nam ersten März"},
  };
  for (const auto& [bytes, text] : kCases) {
    auto medium = open(scratch.write("a.txt", bytes));
    ASSERT_TRUE(medium.ok()) << render(medium.error());
    EXPECT_EQ(rows(**medium, "page_text"), (Rows{"1 | " + text}));
  }
}

TEST(Documents, a_page_that_nobody_asks_for_is_not_decoded) {
  const Scratch scratch;
  std::vector<std::string> contents;
  for (int i = 1; i <= 40; ++i) contents.push_back(show(72, 100, "This is page number " + std::to_string(i)));
  const std::string path = scratch.write("a.pdf", make_pdf(contents));
  auto medium = open(path);
  ASSERT_TRUE(medium.ok()) << render(medium.error());
  const auto pages = facts(**medium, "page");
  ASSERT_EQ(pages.size(), 40u);
  EXPECT_EQ(written(pages[2]), "3 | " + path + "#page=3 | 612 | 792");
  EXPECT_EQ((*medium)->work().decoded, 0u);
  EXPECT_EQ((*medium)->work().there, 40u);
  EXPECT_EQ(rows(**medium, "page_text", "page=7"), (Rows{"7 | This is page number 7"}));
  EXPECT_EQ(rows(**medium, "word", "page=7").size(), 5u);
  EXPECT_EQ((*medium)->work().decoded, 1u);
  EXPECT_EQ(rows(**medium, "page_text").size(), 40u);
  EXPECT_EQ((*medium)->work().decoded, 40u);
}

TEST(Documents, parts_that_are_not_there_are_errors) {
  const Scratch scratch;
  auto medium = open(scratch.write("a.pdf", make_pdf({show(72, 100, "one"), show(72, 100, "two")})));
  ASSERT_TRUE(medium.ok()) << render(medium.error());
  for (const char* part : {"page=3", "frame=1", "t=3", "xywh=1,1,5,5", "char=0,4"}) {
    const auto read = (*medium)->read(relation("word"), read_key("x#" + std::string(part)).part);
    ASSERT_FALSE(read.ok()) << part;
    EXPECT_EQ(read.error().code, "no-such-part") << part;
    EXPECT_FALSE(read.error().place.file.empty());
  }
}

TEST(Documents, more_facts_than_memory_is_an_error_that_names_the_way_out) {
  const Scratch scratch;
  Limits limits;
  limits.memory_bytes = 64 * 1024;
  auto medium =
      open(scratch.write("a.pdf", make_pdf(std::vector<std::string>(200, show(72, 100, "a b c d e f")))), limits);
  ASSERT_TRUE(medium.ok()) << render(medium.error());
  const auto all = (*medium)->read(relation("word"), {});
  ASSERT_FALSE(all.ok());
  EXPECT_EQ(all.error().code, "too-much-at-once");
  EXPECT_EQ(rows(**medium, "word", "page=200").size(), 6u);
}

TEST(Documents, a_file_that_is_missing_or_empty_is_an_error) {
  const Scratch scratch;
  EXPECT_EQ(open("/nowhere/a.pdf").error().code, "file-not-found");
  EXPECT_EQ(open(scratch.write("a.pdf", "")).error().code, "empty-file");
  EXPECT_EQ(adapter().open(scratch.write("b.txt", ""), "text", {}).error().code, "empty-file");
}

}  // namespace
}  // namespace tenfold::media::documents
