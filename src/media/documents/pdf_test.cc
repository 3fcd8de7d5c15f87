#include "media/documents/test_files.h"

namespace tenfold::media::documents {
namespace {

using Rows = std::vector<std::string>;

const std::string kProse[] = {"The seller delivers the goods to", "the buyer at the place that the",
                              "order names, and the buyer pays",  "within thirty days of the invoice",
                              "unless both agree on another day", "in writing before the delivery."};

std::string column(double x, double y, const std::string& mark) {
  std::string out;
  for (std::size_t i = 0; i < std::size(kProse); ++i) out += show(x, y + 14 * static_cast<double>(i), mark + kProse[i]);
  return out;
}

TEST(Pdf, columns_are_read_one_after_the_other) {
  const Scratch scratch;
  auto medium =
      open(scratch.write("a.pdf", make_pdf({show(72, 100, "Terms of sale for both parties of the contract below", 18) +
                                            column(72, 140, "A ") + column(330, 140, "B ") +
                                            show(72, 300, "Signed after both columns.")})));
  ASSERT_TRUE(medium.ok()) << render(medium.error());
  Rows lines = rows(**medium, "line");
  ASSERT_EQ(lines.size(), 14u);
  EXPECT_EQ(lines[1], "1 | 2 | 2 | A " + kProse[0]);
  EXPECT_EQ(lines[6], "1 | 7 | 2 | A " + kProse[5]);
  EXPECT_EQ(lines[7], "1 | 8 | 3 | B " + kProse[0]);
  EXPECT_EQ(lines[13], "1 | 14 | 4 | Signed after both columns.");
}

TEST(Pdf, headings_lists_notes_and_margins_are_told_apart) {
  const Scratch scratch;
  std::string page = show(72, 40, "Contract 4711") + show(72, 110, "2. Payment", 16, "F2");
  page += column(72, 140, "");
  page += show(90, 250, "(a) the price, and") + show(90, 270, "(b) the tax on it.");
  page += show(72, 300, "2.1 Late payment", 11, "F2");
  page += show(72, 320, "Interest is owed from the day after the day on which payment was due.");
  page += show(72, 690, "1 As published by the central bank.", 8) + show(290, 760, "Page 3 of 9", 9);
  auto medium = open(scratch.write("a.pdf", make_pdf({page})));
  ASSERT_TRUE(medium.ok()) << render(medium.error());
  Rows kinds;
  for (const MediaFact& fact : facts(**medium, "block"))
    kinds.push_back(std::get<std::string>(fact.values[2]) + " " +
                    std::to_string(std::get<std::int64_t>(fact.values[3])));
  EXPECT_EQ(kinds, (Rows{"header 0", "heading 1", "paragraph 0", "list-item 1", "list-item 1", "heading 2",
                         "paragraph 0", "footnote 0", "footer 0"}))
      << testing::PrintToString(rows(**medium, "block"));
}

TEST(Pdf, rows_that_stand_under_each_other_are_a_table) {
  const Scratch scratch;
  const char* cells[][3] = {{"Item", "Quantity", "Price"}, {"Bolt M8", "100", "12.50"}, {"Washer", "2000", "8.75"}};
  std::string page = column(72, 120, "");
  for (int row = 0; row < 3; ++row)
    for (int c = 0; c < 3; ++c) page += show(72 + 140 * c, 260 + 16 * row, cells[row][c]);
  auto medium = open(scratch.write("a.pdf", make_pdf({page})));
  ASSERT_TRUE(medium.ok()) << render(medium.error());
  Rows expected;
  for (int row = 0; row < 3; ++row)
    for (int c = 0; c < 3; ++c)
      expected.push_back("1 | 2 | " + std::to_string(row + 1) + " | " + std::to_string(c + 1) + " | " + cells[row][c]);
  EXPECT_EQ(rows(**medium, "cell"), expected);
}

TEST(Pdf, a_place_is_the_box_of_the_words) {
  const Scratch scratch;
  const std::string path = scratch.write("a.pdf", make_pdf({show(72, 100, "Rent is 900 euros", 12)}));
  auto medium = open(path);
  ASSERT_TRUE(medium.ok()) << render(medium.error());
  const auto words = facts(**medium, "word");
  ASSERT_EQ(words.size(), 4u);
  const Part part = read_key(words[2].place).part;
  ASSERT_TRUE(part.page == 1u && part.box && part.chars) << words[2].place;
  EXPECT_NEAR(part.box->x, 113.4, 1.0);  // of Helvetica's widths: 72 + 12 (0.722 + 2 0.556 + 0.278 + 0.278 + 0.222 …)
  EXPECT_NEAR(part.box->y + part.box->height / 2, 96.0, 3.0);
  EXPECT_EQ(part.chars, std::pair(std::uint64_t{8}, std::uint64_t{11}));
  // The place is a key again: it finds the word.
  EXPECT_EQ((*medium)->read(relation("word"), part)->size(), 1u);
  EXPECT_EQ(rows(**medium, "page_text", "page=1&xywh=60,80,50,40"), (Rows{"1 | Rent is"}));
}

TEST(Pdf, turned_pages_are_read_as_they_are_shown) {
  const Scratch scratch;
  auto medium = open(scratch.write("a.pdf", make_pdf({show(72, 100, "one")}, "/Rotate 90")));
  ASSERT_TRUE(medium.ok()) << render(medium.error());
  EXPECT_EQ(rows(**medium, "dimensions"), (Rows{"792 | 612"}));
}

TEST(Pdf, a_page_is_drawn_at_the_size_asked_for) {
  const Scratch scratch;
  auto medium = open(scratch.write("a.pdf", make_pdf({"0 0 0 rg 306 0 306 792 re f"})));
  ASSERT_TRUE(medium.ok()) << render(medium.error());
  const auto whole = (*medium)->picture({}, {306, 396});
  ASSERT_TRUE(whole.ok()) << render(whole.error());
  EXPECT_EQ(whole->width, 306u);
  EXPECT_EQ(whole->height, 396u);
  EXPECT_EQ(whole->rgb[3 * 10], 255);
  EXPECT_EQ(whole->rgb[3 * 300], 0);
  Part part;
  part.box = Box{296, 100, 20, 10};
  const auto piece = (*medium)->picture(part, {40, 20});
  ASSERT_TRUE(piece.ok()) << render(piece.error());
  EXPECT_EQ(piece->width, 40u);
  EXPECT_EQ(piece->rgb[3 * 15], 255);
  EXPECT_EQ(piece->rgb[3 * 25], 0);
  EXPECT_EQ((*medium)->picture({}, {200'000, 200'000}).error().code, "picture-too-large");
}

TEST(Pdf, what_cannot_be_read_is_an_error_that_says_so) {
  const Scratch scratch;
  const std::string good = make_pdf({show(72, 100, "one")});
  const auto code = [&](const std::string& bytes, const Limits& limits = {}) {
    auto medium = adapter().open(scratch.write("a.pdf", bytes), "pdf", limits);
    return medium.ok() ? "" : medium.error().code;
  };
  EXPECT_EQ(code(good), "");
  EXPECT_EQ(code(good.substr(0, 40)), "damaged-pdf");
  // Neither password of 32 zeros fits.
  const std::string zeros(64, '0');
  EXPECT_EQ(code(make_pdf({"BT ET"}, "",
                          "/ID [<00> <00>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <" + zeros + "> /U <" +
                              zeros + "> >>")),
            "encrypted-pdf");
  Limits few;
  few.pages = 2;
  EXPECT_EQ(code(make_pdf({"", "", ""}), few), "too-many-pages");
  few.file_bytes = 100;
  EXPECT_EQ(code(good, few), "file-too-large");
}

TEST(Pdf, absurd_pages_are_refused_before_anything_is_drawn) {
  const Scratch scratch;
  for (const char* box : {"/MediaBox [0 0 1e30 1e30]", "/MediaBox [0 0 0 0]", "/MediaBox [5 5 5 9]"}) {
    auto medium = open(scratch.write("a.pdf", make_pdf({show(72, 100, "one")}, box)));
    ASSERT_TRUE(medium.ok()) << render(medium.error());
    const auto picture = (*medium)->picture({}, {});
    // Poppler takes Letter paper for a page without any extent.
    if (!picture.ok())
      EXPECT_EQ(picture.error().code, "damaged-pdf") << box;
    else
      EXPECT_LT(picture->rgb.size(), 10'000'000u) << box;
  }
}

TEST(Pdf, damage_of_any_kind_is_read_or_refused) {
  const Scratch scratch;
  const std::string original = make_pdf(
      {show(72, 100, "The first page", 12) + column(72, 140, ""), column(72, 140, "A ") + column(330, 140, "B ")});
  std::size_t read = 0, refused = 0;
  mutate(original, 300, [&](const std::string& bytes) {
    auto medium = adapter().open(scratch.write("a.pdf", bytes), "pdf", {});
    if (!medium.ok()) {
      EXPECT_FALSE(medium.error().what.empty());
      ++refused;
      return;
    }
    const auto words = (*medium)->read(relation("word"), {});
    const auto picture = (*medium)->picture(read_key("x#page=1").part, {100, 100});
    EXPECT_TRUE(words.ok() || !words.error().what.empty());
    EXPECT_TRUE(picture.ok() || !picture.error().what.empty());
    ++read;
  });
  EXPECT_GT(read, 100u);  // poppler mends what it can
  EXPECT_GT(refused, 0u);
}

}  // namespace
}  // namespace tenfold::media::documents
