#include "media/key.h"

#include <gtest/gtest.h>

namespace tenfold::media {
namespace {

TEST(Key, NamesPartsAsMediaFragmentsDo) {
  const Key page = read_key("scan.pdf#page=3&xywh=72,100.5,240,12&char=10,20");
  EXPECT_EQ(page.path, "scan.pdf");
  EXPECT_EQ(page.part.page, 3u);
  EXPECT_EQ(page.part.box, (Box{72, 100.5, 240, 12}));
  EXPECT_EQ(page.part.chars, std::pair(std::uint64_t{10}, std::uint64_t{20}));
  EXPECT_EQ(read_key("clip.mp4#t=12.48").part.t, 12.48);
  EXPECT_EQ(read_key("film.dcm#frame=7").part.frame, 7u);
  EXPECT_EQ(read_key("study.zip#member=a%26b%23%25.dcm&frame=2").part.member, "a&b#%.dcm");
}

TEST(Key, WhatDoesNotReadAsAPartBelongsToThePath) {
  for (const char* path : {"day.ndjson#17", "a#page=0", "a#page=x", "a#t=-1", "a#t=1e400", "a#t=nan", "a#xywh=1,2,3",
                           "a#xywh=1,2,0,4", "a#xywh=1,2,3,4,5", "a#page=1&page=2", "a#page=1&nose=2", "a#", "#", "",
                           "a#page=4294967296", "a#char=5,4", "a#member=%4", "a#member=%zz"}) {
    const Key key = read_key(path);
    EXPECT_EQ(key.path, path);
    EXPECT_TRUE(key.part.whole()) << path;
  }
  EXPECT_EQ(read_key("a#b.pdf#page=2").path, "a#b.pdf");
}

TEST(Key, IsWrittenAsItIsRead) {
  for (const char* key : {"a.pdf", "a.pdf#page=3", "a.zip#member=b%26c/d.tif&page=2&xywh=0,0.25,512,512",
                          "a.mp4#t=0.041708", "a.dcm#frame=4294967295", "a.txt#char=0,18446744073709551615"}) {
    const Key read = read_key(key);
    EXPECT_EQ(write_key(read.path, read.part), key);
  }
}

}  // namespace
}  // namespace tenfold::media
