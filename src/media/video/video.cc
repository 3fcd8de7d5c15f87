#include "media/video/video.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <list>
#include <optional>

#include "media/video/scanner.h"

namespace tenfold::media {

std::vector<bool> worth_decoding(const std::vector<VideoPacket>& packets) {
  std::vector<bool> worth(packets.size(), true);
  for (std::size_t key = 0; key < packets.size();) {
    std::size_t next = key + 1;
    bool still = packets[key].key;
    for (; next < packets.size() && !packets[next].key; ++next) still = still && packets[next].bytes <= kRepeatsAtMost;
    if (still)
      std::fill(worth.begin() + static_cast<std::ptrdiff_t>(key) + 1, worth.begin() + static_cast<std::ptrdiff_t>(next),
                false);
    key = next;
  }
  return worth;
}

namespace {

// Of film that one CPU limit is for: a look may take Limits::seconds for each.
constexpr std::uint64_t kFramesALimit = 3600;

double thread_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

struct PixelBox {
  std::uint32_t x, y, width, height;
};

/// Halved as often as both sides stay at least as large as wanted, three times at most: as JPEG's decoder does it.
Colours reduced(Colours picture, PictureSize size) {
  const auto enough = [&](std::uint32_t by) {
    return picture.width / by >= size.width && picture.height / by >= size.height;
  };
  std::uint32_t by = 1;
  while (size.width > 0 && size.height > 0 && by < 8 && enough(2 * by)) by *= 2;
  if (by == 1) return picture;
  Colours out{picture.width / by, picture.height / by, {}};
  out.rgb.resize(std::size_t{out.width} * out.height * 3);
  for (std::uint32_t y = 0; y < out.height; ++y)
    for (std::uint32_t x = 0; x < out.width; ++x)
      for (std::uint32_t c = 0; c < 3; ++c) {
        std::uint32_t sum = by * by / 2;
        for (std::uint32_t v = y * by; v < (y + 1) * by; ++v)
          for (std::uint32_t u = x * by; u < (x + 1) * by; ++u)
            sum += picture.rgb[(std::size_t{v} * picture.width + u) * 3 + c];
        out.rgb[(std::size_t{y} * out.width + x) * 3 + c] = static_cast<std::uint8_t>(sum / (by * by));
      }
  return out;
}

Colours cropped(const Colours& picture, PixelBox box) {
  Colours out{box.width, box.height, {}};
  out.rgb.reserve(std::size_t{box.width} * box.height * 3);
  for (std::uint32_t y = box.y; y < box.y + box.height; ++y) {
    const auto row = picture.rgb.begin() + static_cast<std::ptrdiff_t>((std::size_t{y} * picture.width + box.x) * 3);
    out.rgb.insert(out.rgb.end(), row, row + static_cast<std::ptrdiff_t>(std::size_t{box.width} * 3));
  }
  return out;
}

class VideoMedium : public Medium {
 public:
  VideoMedium(std::string path, std::string_view format, const Limits& limits, std::unique_ptr<VideoDecoder> decoder)
      : path_(std::move(path)), format_(format), limits_(limits), decoder_(std::move(decoder)) {}

  Result<std::vector<MediaFact>> read(std::size_t relation, const Part& part) override {
    const double begun = thread_seconds();
    Result<std::vector<MediaFact>> facts = tuples(static_cast<VideoRelation>(relation), part);
    seconds_ += thread_seconds() - begun;
    return facts;
  }

  Result<Colours> picture(const Part& part, PictureSize size) override {
    const double begun = thread_seconds();
    Result<Colours> shown = shown_part(part, size);
    seconds_ += thread_seconds() - begun;
    return shown;
  }

  MediaWork work() const override {
    const VideoHeader& header = decoder_->header();
    const std::uint64_t stated = static_cast<std::uint64_t>(std::llround(std::min(header.seconds * header.rate, 1e12)));
    return {.unit = "frame",
            .there = packets_ ? packets_->size() : stated,
            .decoded = decoder_->frames_decoded() + looked_at_,
            .seconds = seconds_};
  }

 private:
  struct Shown {
    Microseconds from, to;
    Colours picture;
  };

  Error refuse(std::string code, std::string what, std::string hint) const {
    return {std::move(code), Place{path_}, std::move(what), std::move(hint), ""};
  }
  Error placed(Error error) const {
    error.place.file = path_;
    return error;
  }
  Status check(const Part& part) const {
    if (!part.page && !part.frame && !part.chars) return {};
    return refuse("no-such-part", "a film has neither pages nor numbered frames nor text", "name a part by #t=SECONDS");
  }

  Result<std::vector<MediaFact>> tuples(VideoRelation relation, const Part& part) {
    if (Status fits = check(part); !fits) return fits.error();
    if (Status known = know_packets(); !known) return known.error();
    if (relation == VideoRelation::video) return video();
    if (relation == VideoRelation::keyframe) return keyframes(part);
    if (Status seen = look(); !seen) return seen.error();
    switch (relation) {
      case VideoRelation::scene:
        return intervals(looked_.scenes, part);
      case VideoRelation::moving:
        return intervals(moving(tracks(part)), part);
      case VideoRelation::region:
        return regions(part);
      case VideoRelation::track:
        return lifetimes(part);
      case VideoRelation::track_box:
        return boxes(part);
      default:
        return best_views(part);
    }
  }

  Status know_packets() {
    if (packets_) return {};
    decoder_->allow(limits_.seconds);
    at_ = false;
    Result<std::vector<VideoPacket>> packets = decoder_->packets();
    if (!packets) return placed(packets.error());
    packets_ = std::move(*packets);
    if (packets_->empty()) return refuse("no-video", "the film has no frames", "the file is damaged: export it again");
    Microseconds last = 0, duration = 0;
    for (const VideoPacket& packet : *packets_)
      if (packet.us >= last) {
        last = packet.us;
        duration = packet.duration;
      }
    if (duration == 0) duration = packets_->size() > 1 ? last / static_cast<Microseconds>(packets_->size() - 1) : 0;
    end_ = last + duration;
    return {};
  }

  std::vector<MediaFact> video() const {
    const VideoHeader& header = decoder_->header();
    const auto frames = static_cast<std::int64_t>(packets_->size());
    const double rate = end_ > 0 ? static_cast<double>(frames) / seconds(end_) : 0.0;
    return {{{std::int64_t{header.width}, std::int64_t{header.height}, seconds(end_), frames, rate}, path_}};
  }

  std::vector<MediaFact> keyframes(const Part& part) const {
    std::vector<MediaFact> facts;
    for (const VideoPacket& packet : *packets_)
      if (packet.key && (!part.t || microseconds(*part.t) == packet.us))
        facts.push_back({{seconds(packet.us)}, place(packet.us)});
    return facts;
  }

  /// One look over the film, for all relations that rest on it.
  Status look() {
    if (has_looked_) return {};
    Result<std::unique_ptr<VideoDecoder>> opened =
        open_video({.path = path_, .format = format_, .rough = true}, limits_);
    if (!opened) return opened.error();
    VideoDecoder& decoder = **opened;
    const VideoHeader& header = decoder.header();
    const std::vector<bool> worth = worth_decoding(*packets_);
    std::vector<Microseconds> repeated;  // when a frame is shown that repeats the one before
    for (std::size_t i = 0; i < worth.size(); ++i)
      if (!worth[i]) repeated.push_back((*packets_)[i].us);
    std::sort(repeated.begin(), repeated.end());
    decoder.decode_only(worth);

    const auto [grid_width, grid_height] = grid_size(header);
    Scanner scanner;
    LumaGrid grid;
    auto next_repeated = repeated.begin();
    const auto repeat_until = [&](Microseconds us) {
      for (; next_repeated != repeated.end() && *next_repeated < us; ++next_repeated)
        if (!grid.cells.empty() && *next_repeated > last_looked_) scanner.add(last_looked_ = *next_repeated, grid);
    };
    for (std::uint64_t frames = 0;; ++frames) {
      if (frames % kFramesALimit == 0) decoder.allow(limits_.seconds);
      const Result<bool> more = decoder.next();
      if (!more) return placed(more.error());
      if (!*more) break;
      repeat_until(decoder.us());
      if (decoder.us() <= last_looked_) continue;
      Result<LumaGrid> seen = decoder.luma(grid_width, grid_height);
      if (!seen) return placed(seen.error());
      grid = std::move(*seen);
      scanner.add(last_looked_ = decoder.us(), grid);
      if (scanner.looked().regions.size() > limits_.memory_bytes / 1024)
        return refuse("video-too-large", "more regions move in this film than there is memory for",
                      "cut it into parts");
    }
    repeat_until(INT64_MAX);
    scanner.finish(end_);
    looked_ = scanner.looked();
    looked_at_ = decoder.frames_decoded();
    has_looked_ = true;
    return {};
  }

  std::string place(std::optional<Microseconds> us, std::optional<Box> box = {}) const {
    Part part;
    if (us) part.t = seconds(std::max<Microseconds>(*us, 0));
    part.box = box;
    return write_key(path_, part);
  }

  Box pixels(const CellBox& cells) const {
    const VideoHeader& header = decoder_->header();
    const auto scaled = [](int cell, std::uint32_t side, std::uint32_t grid) {
      return static_cast<double>(static_cast<std::int64_t>(cell) * side / grid);
    };
    const double x = scaled(cells.left, header.width, looked_.grid_width);
    const double y = scaled(cells.top, header.height, looked_.grid_height);
    return {x, y, scaled(cells.right, header.width, looked_.grid_width) - x,
            scaled(cells.bottom, header.height, looked_.grid_height) - y};
  }

  static bool inside(const Box& box, const Part& part) {
    if (!part.box) return true;
    const double x = box.x + box.width / 2, y = box.y + box.height / 2;
    return x >= part.box->x && x < part.box->x + part.box->width && y >= part.box->y &&
           y < part.box->y + part.box->height;
  }

  /// The time of the frame that was looked at last when `part.t` is shown.
  std::optional<Microseconds> looked_time(const Part& part) const {
    if (!part.t) return std::nullopt;
    const auto after = std::upper_bound(looked_.times.begin(), looked_.times.end(), microseconds(*part.t));
    return after == looked_.times.begin() ? -1 : *(after - 1);
  }

  /// Tracks as far as they run through the part's box.
  std::vector<Track> tracks(const Part& part) const {
    if (!part.box) return looked_.tracks;
    std::vector<Track> out;
    for (const Track& track : looked_.tracks) {
      const auto in = [&](const TrackedBox& seen) { return inside(pixels(seen.box), part); };
      const auto first = std::find_if(track.boxes.begin(), track.boxes.end(), in);
      if (first == track.boxes.end()) continue;
      const auto last = std::find_if(track.boxes.rbegin(), track.boxes.rend(), in).base();
      out.push_back({track.id, {first, last}, 0});
    }
    std::stable_sort(out.begin(), out.end(),
                     [](const Track& a, const Track& b) { return a.boxes.front().us < b.boxes.front().us; });
    return out;
  }

  static bool lasts(const Interval& interval, const Part& part) {
    if (!part.t) return true;
    const Microseconds us = microseconds(*part.t);
    return interval.from <= us && us < interval.to;
  }

  std::vector<MediaFact> intervals(const std::vector<Interval>& all, const Part& part) const {
    std::vector<MediaFact> facts;
    std::int64_t n = 0;
    for (const Interval& one : all) {
      ++n;
      if (lasts(one, part)) facts.push_back({{n, seconds(one.from), seconds(one.to)}, place(one.from, part.box)});
    }
    return facts;
  }

  static std::vector<Value> box_values(const Box& box) {
    std::vector<Value> values;
    for (const double side : {box.x, box.y, box.width, box.height})
      values.emplace_back(static_cast<std::int64_t>(side));
    return values;
  }

  std::vector<MediaFact> regions(const Part& part) const {
    std::vector<MediaFact> facts;
    const auto at = looked_time(part);
    for (const TrackedBox& seen : looked_.regions) {
      const Box box = pixels(seen.box);
      if ((at && *at != seen.us) || !inside(box, part)) continue;
      std::vector<Value> values{seconds(seen.us)};
      for (Value& side : box_values(box)) values.push_back(std::move(side));
      facts.push_back({std::move(values), place(seen.us, box)});
    }
    return facts;
  }

  std::vector<MediaFact> lifetimes(const Part& part) const {
    std::vector<MediaFact> facts;
    for (const Track& track : tracks(part)) {
      const Interval there{track.boxes.front().us, track.boxes.back().us + kLookEvery};
      if (lasts(there, part))
        facts.push_back({{std::int64_t{track.id}, seconds(there.from), seconds(there.to)},
                         place(there.from, pixels(track.boxes.front().box))});
    }
    return facts;
  }

  std::vector<MediaFact> boxes(const Part& part) const {
    std::vector<MediaFact> facts;
    const auto at = looked_time(part);
    for (const Track& track : tracks(part))
      for (const TrackedBox& seen : track.boxes) {
        const Box box = pixels(seen.box);
        if ((at && *at != seen.us) || !inside(box, part)) continue;
        std::vector<Value> values{std::int64_t{track.id}, seconds(seen.us)};
        for (Value& side : box_values(box)) values.push_back(std::move(side));
        facts.push_back({std::move(values), place(seen.us, box)});
      }
    return facts;
  }

  std::vector<MediaFact> best_views(const Part& part) const {
    std::vector<MediaFact> facts;
    for (const Track& track : tracks(part)) {
      const Track& whole = looked_.tracks[track.id - 1];
      const Interval there{track.boxes.front().us, track.boxes.back().us + kLookEvery};
      if (!lasts(there, part)) continue;
      const TrackedBox& best = whole.boxes[whole.best];
      const std::string picture = place(best.us, with_margin(pixels(best.box)));
      facts.push_back({{std::int64_t{track.id}, picture}, picture});
    }
    return facts;
  }

  /// What is seen of an object at its border differs less from the background than a cell must.
  Box with_margin(const Box& box) const {
    const VideoHeader& header = decoder_->header();
    const double x = std::floor(std::max(0.0, box.x - 0.1 * box.width)),
                 y = std::floor(std::max(0.0, box.y - 0.1 * box.height));
    return {x, y, std::ceil(std::min<double>(header.width, box.x + 1.1 * box.width)) - x,
            std::ceil(std::min<double>(header.height, box.y + 1.1 * box.height)) - y};
  }

  Result<Colours> shown_part(const Part& part, PictureSize size) {
    if (Status fits = check(part); !fits) return fits.error();
    if (!part.t)
      return refuse("no-such-part", "a film is many pictures, and the key does not say which",
                    "name one by its time: " + path_ + "#t=0");
    decoder_->allow(limits_.seconds);
    const Result<const Colours*> frame = frame_at(microseconds(*part.t));
    if (!frame) return placed(frame.error());
    if (!part.box) return reduced(**frame, size);
    const auto [x, y, width, height] = *part.box;
    const double right = std::min<double>(std::ceil(x + width), (*frame)->width);
    const double bottom = std::min<double>(std::ceil(y + height), (*frame)->height);
    if (std::floor(x) >= right || std::floor(y) >= bottom)
      return refuse(
          "no-such-part", "the box lies outside of the picture",
          "a frame has " + std::to_string((*frame)->width) + "x" + std::to_string((*frame)->height) + " pixels");
    const PixelBox box{static_cast<std::uint32_t>(x), static_cast<std::uint32_t>(y),
                       static_cast<std::uint32_t>(right - std::floor(x)),
                       static_cast<std::uint32_t>(bottom - std::floor(y))};
    return reduced(cropped(**frame, box), size);
  }

  /// The frame that is shown at a time: the last whose own is not later.
  Result<const Colours*> frame_at(Microseconds us) {
    for (auto shown = cache_.begin(); shown != cache_.end(); ++shown) {
      if (us < shown->from || us >= shown->to) continue;
      cache_.splice(cache_.begin(), cache_, shown);
      return &cache_.front().picture;
    }
    const Result<Microseconds> to = go_to(us);
    if (!to) {
      at_ = false;
      return to.error();
    }
    Result<Colours> picture = decoder_->colours();
    if (!picture) return picture.error();
    constexpr std::size_t kMostKept = 8;
    const std::size_t fits = limits_.memory_bytes / 8 / std::max<std::size_t>(picture->rgb.size(), 1);
    while (!cache_.empty() && cache_.size() >= std::min(kMostKept, std::max<std::size_t>(fits, 1))) cache_.pop_back();
    cache_.push_front({decoder_->us(), *to, std::move(*picture)});
    return &cache_.front().picture;
  }

  /// Decodes to the frame that is shown at `us`, and says when it is no longer.
  Result<Microseconds> go_to(Microseconds us) {
    if (!at_ || us < decoder_->us() || decoder_->seek_pays(us)) {
      if (Status there = decoder_->seek(us); !there) return there.error();
      const Result<bool> more = decoder_->next();
      if (!more) return more.error();
      if (!*more) return refuse("no-video", "the film has no frames", "the file is damaged: export it again");
      at_ = true;
    }
    while (true) {
      const Result<std::optional<Microseconds>> following = decoder_->following();
      if (!following) return following.error();
      if (!*following) break;
      if (**following > us) return **following;
      if (const Result<bool> more = decoder_->next(); !more) return more.error();
    }
    const Microseconds end = decoder_->us() + last_lasts();
    if (us < end) return end;
    return refuse("no-such-part", "the film ends before that time",
                  "its last frame is shown until second " + std::to_string(seconds(end)));
  }

  Microseconds last_lasts() const {
    if (decoder_->duration() > 0) return decoder_->duration();
    const double rate = decoder_->header().rate;
    return rate > 0.0 ? microseconds(1.0 / rate) : 1;
  }

  std::string path_, format_;
  Limits limits_;
  std::unique_ptr<VideoDecoder> decoder_;
  bool at_ = false;  // the decoder stands at a frame
  std::optional<std::vector<VideoPacket>> packets_;
  Microseconds end_ = 0, last_looked_ = -1;
  bool has_looked_ = false;
  Looked looked_;
  std::uint64_t looked_at_ = 0;
  std::list<Shown> cache_;  // used last first
  double seconds_ = 0.0;
};

Result<std::unique_ptr<Medium>> open_medium(const std::string& path, std::string_view format, const Limits& limits) {
  Result<std::unique_ptr<VideoDecoder>> decoder = open_video({.path = path, .format = format}, limits);
  if (!decoder) return decoder.error();
  return std::unique_ptr<Medium>(std::make_unique<VideoMedium>(path, format, limits, std::move(*decoder)));
}

}  // namespace

Adapter video_adapter() {
  const FactSchema::Column key{"key", Type::string}, n{"n", Type::i64}, id{"id", Type::i64};
  const FactSchema::Column from{"from_s", Type::f64}, to{"to_s", Type::f64}, t{"t", Type::f64};
  const FactSchema::Column x{"x", Type::i64}, y{"y", Type::i64}, width{"width", Type::i64}, height{"height", Type::i64};
  return {
      "video",
      "films: frames by their time, and where something moves before a network sees any of it",
      {"mp4", "matroska", "avi", "mpeg-ts", "gif"},
      {
          {"video",
           {key, width, height, {"seconds", Type::f64}, {"frames", Type::i64}, {"rate", Type::f64}},
           "a film: pixels of a frame as shown, its length in seconds, frames in all and a second; nothing is decoded"},
          {"keyframe", {key, t}, "a frame that decoding can begin with, at second t; nothing is decoded"},
          {"scene", {key, n, from, to}, "the n-th stretch without a cut, in seconds, the end left out"},
          {"moving", {key, n, from, to}, "the n-th stretch in which something moves, in seconds, the end left out"},
          {"region", {key, t, x, y, width, height}, "something moves or stands out at second t, in this box of pixels"},
          {"track", {key, id, from, to}, "one thing that moves, seen from and to these seconds, the end left out"},
          {"track_box", {key, id, t, x, y, width, height}, "where the thing is at second t, in pixels"},
          {"track_best",
           {key, id, {"picture_key", Type::string}},
           "the frame and box in which most of the thing is seen: what a network is to be asked about"},
      },
      &open_medium};
}

}  // namespace tenfold::media
