#include "media/file_type.h"

#include <gtest/gtest.h>

namespace tenfold::media {
namespace {

using namespace std::string_view_literals;

TEST(FileType, IsToldByContent) {
  EXPECT_EQ(file_type("%PDF-1.4\n"), "pdf");
  EXPECT_EQ(file_type("junk before it\n%PDF-1.7"), "pdf");
  EXPECT_EQ(file_type("II*\0rest"sv), "tiff");
  EXPECT_EQ(file_type("\0\0\0\x20"
                      "ftypisom"sv),
            "mp4");
  EXPECT_EQ(file_type("PAR1...."), "parquet");
  EXPECT_EQ(file_type("\x1F\x8B\x08"), "gzip");
  EXPECT_EQ(file_type("PK\x03\x04....[Content_Types].xml", "word/document.xml"), "docx");
  EXPECT_EQ(file_type("PK\x03\x04....a.dcm"), "zip");
}

TEST(FileType, TellsKindsOfText) {
  EXPECT_EQ(file_type(" \n{\"resourceType\": 1}"), "json");
  EXPECT_EQ(file_type("<!DOCTYPE HTML><p>x"), "html");
  EXPECT_EQ(file_type("<?xml version=\"1.0\"?>\n<html xmlns=\"x\">"), "html");
  EXPECT_EQ(file_type("<?xml version=\"1.0\"?>\n<ucum>"), "text");
  EXPECT_EQ(file_type("From: a@b.c\r\nSubject: x\r\n\r\nDear"), "eml");
  EXPECT_EQ(file_type("Note: this\nWell: not mail\n\nDear"), "text");
  EXPECT_EQ(file_type("a,b\n1,2\n\"x,\ny\",3\n"), "csv");
  EXPECT_EQ(file_type("a\tb\n1\t2\n"), "csv");
  EXPECT_EQ(file_type("One line, with a comma\nand one without\n"), "text");
  EXPECT_EQ(file_type("Gr\xFC\xDF Gott\n"), "text");  // windows-1252
  EXPECT_EQ(file_type("\xFF\xFEh\0i\0"sv), "text");   // UTF-16
  EXPECT_EQ(file_type("\x01\x02\x03\x04nothing known"), "");
  EXPECT_EQ(file_type(""), "");
}

}  // namespace
}  // namespace tenfold::media
