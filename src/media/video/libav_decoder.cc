// The module libtenfold_video.so: see decoder.h. libavformat and libavcodec read, libswscale turns into RGB.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <ctime>

#include "media/video/decoder.h"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/motion_vector.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
}

namespace tenfold::media {
namespace {

constexpr std::size_t kReadBytes = 128 * 1024;
// Of one frame in memory: three channels of 16 bits, and 16 frames that others may refer to (H.264, table A-1, allows
// as many of small pictures; of large ones fewer).
constexpr std::uint64_t kBytesOfPixel = 96;
constexpr Microseconds kSecond = 1'000'000;
// Whatever else libav can decode stays shut: these are what the containers hold in practice.
constexpr char kCodecs[] =
    "h264,hevc,vp8,vp9,libdav1d,libaom-av1,av1,mpeg4,mpeg1video,mpeg2video,mjpeg,gif,h263,msmpeg4v2,msmpeg4,ffv1,"
    "rawvideo,png,prores,dnxhd";

Error video_error(std::string code, std::string what, std::string hint) {
  return {std::move(code), {}, std::move(what), std::move(hint), ""};
}

std::string said(int error) {
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  av_strerror(error, text, sizeof text);
  return text;
}

double thread_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

struct Free {
  void operator()(AVFormatContext* context) const { avformat_close_input(&context); }
  void operator()(AVIOContext* io) const {
    av_freep(&io->buffer);
    avio_context_free(&io);
  }
  void operator()(AVCodecContext* codec) const { avcodec_free_context(&codec); }
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
  void operator()(SwsContext* scaler) const { sws_freeContext(scaler); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

const AVInputFormat* demuxer(std::string_view format) {
  const char* name = format == "mp4"        ? "mov"
                     : format == "matroska" ? "matroska"
                     : format == "avi"      ? "avi"
                     : format == "mpeg-ts"  ? "mpegts"
                     : format == "gif"      ? "gif"
                                            : nullptr;
  return name ? av_find_input_format(name) : nullptr;
}

/// A file, or a stream that cannot be read twice, as libav reads it.
class Bytes {
 public:
  explicit Bytes(ByteSource* stream) : stream_(stream) {}
  Bytes(const Bytes&) = delete;
  Bytes& operator=(const Bytes&) = delete;
  ~Bytes() {
    if (file_ >= 0) close(file_);
  }

  Status open(const std::string& path) {
    file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat status {};
    if (file_ < 0 || fstat(file_, &status) != 0 || !S_ISREG(status.st_mode))
      return video_error("unreadable-file", "the film cannot be opened", "look whether it is there and may be read");
    size_ = status.st_size;
    return {};
  }

  void allow(double cpu_seconds) { deadline_ = thread_seconds() + cpu_seconds; }
  bool late() const { return thread_seconds() > deadline_; }

  static int read(void* self, std::uint8_t* to, int size) {
    auto& bytes = *static_cast<Bytes*>(self);
    if (bytes.late()) return AVERROR_EXIT;
    if (bytes.stream_) {
      const std::size_t got = bytes.stream_->read(to, static_cast<std::size_t>(size));
      return got == 0 ? AVERROR_EOF : static_cast<int>(got);
    }
    const ssize_t got = pread(bytes.file_, to, static_cast<std::size_t>(size), bytes.at_);
    if (got < 0) return AVERROR(EIO);
    bytes.at_ += got;
    return got == 0 ? AVERROR_EOF : static_cast<int>(got);
  }

  static std::int64_t seek(void* self, std::int64_t offset, int whence) {
    auto& bytes = *static_cast<Bytes*>(self);
    if (whence & AVSEEK_SIZE) return bytes.size_;
    whence &= ~AVSEEK_FORCE;
    const std::int64_t from = whence == SEEK_CUR ? bytes.at_ : whence == SEEK_END ? bytes.size_ : 0;
    std::int64_t to = 0;
    if (__builtin_add_overflow(from, offset, &to) || to < 0) return AVERROR(EINVAL);
    return bytes.at_ = to;
  }

  bool seekable() const { return stream_ == nullptr; }

 private:
  ByteSource* stream_;
  int file_ = -1;
  std::int64_t at_ = 0, size_ = 0;
  double deadline_ = 1e18;
};

int open_nothing(AVFormatContext*, AVIOContext**, const char*, int, AVDictionary**) { return AVERROR(EPERM); }

class LibavDecoder : public VideoDecoder {
 public:
  LibavDecoder(const VideoInput& input, const Limits& limits) : input_(input), limits_(limits), bytes_(input.stream) {
    most_pixels_ = std::min(limits.decoded_pixels, limits.memory_bytes / kBytesOfPixel);
  }

  Status open() {
    bytes_.allow(limits_.seconds);
    if (!input_.stream)
      if (Status opened = bytes_.open(input_.path); !opened) return opened;
    frame_.reset(av_frame_alloc());
    ahead_.reset(av_frame_alloc());
    packet_.reset(av_packet_alloc());
    if (!frame_ || !ahead_ || !packet_) return no_memory();
    if (Status demuxing = open_container(); !demuxing) return demuxing;
    if (Status decoding = open_codec(); !decoding) return decoding;
    read_header();
    return {};
  }

  const VideoHeader& header() const override { return header_; }
  void allow(double cpu_seconds) override { bytes_.allow(cpu_seconds); }

  Result<std::vector<VideoPacket>> packets() override {
    if (Status begun = restart(); !begun) return begun.error();
    // Sound as well, to know how far the file goes.
    for (unsigned i = 0; i < format_->nb_streams; ++i) format_->streams[i]->discard = AVDISCARD_DEFAULT;
    std::vector<VideoPacket> packets;
    const std::size_t most = limits_.memory_bytes / 4 / sizeof(VideoPacket);
    Microseconds end = 0, longest = 0;
    while (true) {
      const Result<bool> more = read_any_packet();
      if (!more) return more.error();
      if (!*more) break;
      end = std::max(end, packet_end());
      if (packet_->stream_index != stream_->index) continue;
      if (packets.size() == most)
        return video_error("video-too-large", "the film has more than " + std::to_string(most) + " frames",
                           "cut it into parts");
      packets.push_back({.us = packet_us(),
                         .duration = packet_->duration > 0 ? span_us(packet_->duration) : 0,
                         .bytes = static_cast<std::uint32_t>(packet_->size),
                         .key = (packet_->flags & AV_PKT_FLAG_KEY) && (packets.empty() || !only_first_key())});
      if (packets.size() > 1) longest = std::max(longest, packets.back().us - packets[packets.size() - 2].us);
    }
    const auto got = static_cast<std::int64_t>(packets.size());
    if (stream_->nb_frames - stream_->nb_frames / 50 > got + 2)  // AVI counts one more than there are
      return video_error(
          "truncated-video",
          "the film says it has " + std::to_string(stream_->nb_frames) + " frames, and has " + std::to_string(got),
          "the file is cut off: fetch or export it again");
    if (format_->duration > 0 && end + kSecond + longest < format_->duration)
      return video_error("truncated-video",
                         "the film says it lasts " + std::to_string(format_->duration / kSecond) +
                             " seconds, and ends after " + std::to_string(end / kSecond),
                         "the file is cut off: fetch or export it again");
    if (Status begun = restart(); !begun) return begun.error();
    return packets;
  }

  Status seek(Microseconds us) override {
    ++seeks_;
    wanted_.clear();
    if (only_first_key() || us <= 0) return restart();
    for (Microseconds back = 0;; back = std::max(kSecond, 2 * back)) {
      if (us - back <= 0 || back > 3600 * kSecond) return restart();
      const std::int64_t to = timestamp(us - back);
      if (avformat_seek_file(format_.get(), stream_->index, INT64_MIN, to, to, 0) < 0) return restart();
      const Result<bool> found = find_keyframe(us);
      if (!found) return found.error();
      if (!*found) continue;
      avcodec_flush_buffers(codec_.get());
      draining_ = gap_ = has_ahead_ = false;
      // What is shown before the frame that decoding begins with refers to what was not decoded.
      floor_ = packet_us();
      last_ = floor_ - 1;
      held_ = true;
      return {};
    }
  }

  bool seek_pays(Microseconds us) const override {
    if (only_first_key() || us < last_ + kSecond) return false;
    const int there = av_index_search_timestamp(stream_, timestamp(us), AVSEEK_FLAG_BACKWARD);
    if (there < 0) return us > last_ + 10 * kSecond;  // no index: keyframes are rarely farther apart
    const AVIndexEntry* entry = avformat_index_get_entry(stream_, there);
    return entry && us_of(entry->timestamp).value_or(0) > last_ + kSecond;
  }

  void skip_to_keyframe() override { skipping_ = true; }
  std::uint64_t packets_skipped() const override { return skipped_; }

  void decode_only(std::vector<bool> wanted) override { wanted_ = std::move(wanted); }

  Result<bool> next() override {
    if (!has_ahead_) {
      const Result<bool> more = decode();
      if (!more || !*more) return more;
    }
    std::swap(frame_, ahead_);
    has_ahead_ = false;
    shown_ = last_;
    return true;
  }

  Result<std::optional<Microseconds>> following() override {
    if (!has_ahead_) {
      const Result<bool> more = decode();
      if (!more) return more.error();
      if (!*more) return std::optional<Microseconds>();
      has_ahead_ = true;
    }
    return std::optional(last_);
  }

  Microseconds us() const override { return shown_; }
  Microseconds duration() const override { return frame_->pkt_duration > 0 ? span_us(frame_->pkt_duration) : 0; }
  std::uint64_t frames_decoded() const override { return decoded_; }
  std::uint64_t seeks() const override { return seeks_; }

  Result<Colours> colours() override {
    const auto width = static_cast<std::uint32_t>(frame_->width), height = static_cast<std::uint32_t>(frame_->height);
    Colours shown{width, height, std::vector<std::uint8_t>(std::size_t{width} * height * 3)};
    if (Status scaled = convert(AV_PIX_FMT_RGB24, shown.rgb.data(), width * 3); !scaled) return scaled.error();
    if (turns_ != 0) turn(shown.rgb, shown.width, shown.height, 3);
    return shown;
  }

  Result<LumaGrid> luma(std::uint32_t width, std::uint32_t height) override {
    if (turns_ % 2) std::swap(width, height);
    const auto columns = static_cast<std::uint32_t>(frame_->width), rows = static_cast<std::uint32_t>(frame_->height);
    const std::uint8_t* plane = frame_->data[0];
    auto stride = static_cast<std::ptrdiff_t>(frame_->linesize[0]);
    if (!luma_first()) {
      grey_.resize(std::size_t{columns} * rows);
      if (Status scaled = convert(AV_PIX_FMT_GRAY8, grey_.data(), columns); !scaled) return scaled.error();
      plane = grey_.data();
      stride = columns;
    }
    LumaGrid grid{std::min(width, columns), std::min(height, rows), {}};
    average(plane, stride, columns, rows, grid);
    if (turns_ != 0) turn(grid.cells, grid.width, grid.height, 1);
    return grid;
  }

  std::vector<MotionVector> motion() const override {
    std::vector<MotionVector> vectors;
    const AVFrameSideData* data = av_frame_get_side_data(frame_.get(), AV_FRAME_DATA_MOTION_VECTORS);
    if (!data) return vectors;
    const auto* first = reinterpret_cast<const AVMotionVector*>(data->data);
    for (std::size_t i = 0; i < data->size / sizeof(AVMotionVector); ++i) {
      const AVMotionVector& v = first[i];
      if (v.source >= 0 || v.motion_scale == 0) continue;  // from a frame that is shown later
      vectors.push_back({static_cast<float>(v.dst_x), static_cast<float>(v.dst_y),
                         -static_cast<float>(v.motion_x) / static_cast<float>(v.motion_scale),
                         -static_cast<float>(v.motion_y) / static_cast<float>(v.motion_scale), v.w, v.h});
    }
    return vectors;
  }

 private:
  static constexpr int kMostFailures = 10'000;

  static Error no_memory() { return video_error("out-of-memory", "there is no memory to decode the film", ""); }
  static Error damaged() {
    return video_error("damaged-video", "a frame of the film cannot be decoded as it was coded",
                       "the file is damaged: fetch or export it again");
  }
  Error out_of_time() const {
    return video_error("out-of-time", "decoding the film took longer than is allowed",
                       "ask about a shorter part, or raise the limit of seconds");
  }

  /// A GIF's frames are drawn over one another.
  bool only_first_key() const { return input_.format == "gif"; }

  Status open_container() {
    const AVInputFormat* kind = demuxer(input_.format);
    if (!kind) return video_error("unsupported-video", "this kind of file is not read as a film", "");
    format_.reset();
    io_.reset();
    Bytes::seek(&bytes_, 0, SEEK_SET);
    auto* buffer = static_cast<unsigned char*>(av_malloc(kReadBytes));
    if (!buffer) return no_memory();
    io_.reset(avio_alloc_context(buffer, kReadBytes, 0, &bytes_, &Bytes::read, nullptr,
                                 bytes_.seekable() ? &Bytes::seek : nullptr));
    AVFormatContext* context = avformat_alloc_context();
    if (!io_ || !context) return no_memory();
    context->pb = io_.get();
    context->flags |= AVFMT_FLAG_CUSTOM_IO;
    context->io_open = &open_nothing;
    // What is live is shown from its beginning: less of it is looked at before.
    context->probesize = bytes_.seekable() ? 4 << 20 : 1 << 18;
    context->max_analyze_duration = bytes_.seekable() ? 5 * AV_TIME_BASE : AV_TIME_BASE / 2;
    context->max_streams = 64;
    context->codec_whitelist = av_strdup(kCodecs);
    context->protocol_whitelist = av_strdup("none");
    const int opened = avformat_open_input(&context, nullptr, kind, nullptr);  // frees it on failure
    if (opened < 0) return bad_container(opened);
    format_.reset(context);
    return find_stream();
  }

  Error bad_container(int error) const {
    if (bytes_.late()) return out_of_time();
    if (error == AVERROR(ENOMEM)) return no_memory();
    return video_error("damaged-video", "the film's container cannot be read: " + said(error),
                       "the file is damaged or cut off: fetch or export it again");
  }

  Status find_stream() {
    for (unsigned i = 0; i < format_->nb_streams; ++i) {
      AVCodecParameters& coded = *format_->streams[i]->codecpar;
      if (coded.codec_type != AVMEDIA_TYPE_VIDEO) format_->streams[i]->discard = AVDISCARD_ALL;
      if (Status small = check_size(coded.width, coded.height); !small) return small;
    }
    // Decodes a little where the header leaves something open.
    if (const int found = avformat_find_stream_info(format_.get(), nullptr); found < 0) return bad_container(found);
    const int best = av_find_best_stream(format_.get(), AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
    if (best < 0) return video_error("no-video", "there are no pictures in this file", "give a film, not sound alone");
    stream_ = format_->streams[best];
    for (unsigned i = 0; i < format_->nb_streams; ++i)
      format_->streams[i]->discard = static_cast<int>(i) == best ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
    start_ = stream_->start_time != AV_NOPTS_VALUE ? stream_->start_time : 0;
    if (stream_->time_base.num <= 0 || stream_->time_base.den <= 0) return damaged();
    return check_size(stream_->codecpar->width, stream_->codecpar->height);
  }

  Status check_size(int width, int height) const {
    if (width < 0 || height < 0) return damaged();
    const std::uint64_t pixels = static_cast<std::uint64_t>(width) * static_cast<std::uint64_t>(height);
    if (pixels <= most_pixels_) return {};
    return video_error("video-too-large",
                       "a frame has " + std::to_string(width) + "x" + std::to_string(height) + " pixels, and " +
                           std::to_string(most_pixels_) + " are allowed",
                       "make the film smaller, or raise the limits of memory and pixels");
  }

  Status open_codec() {
    const AVCodec* codec = avcodec_find_decoder(stream_->codecpar->codec_id);
    if (!codec || !listed(codec->name))
      return video_error(
          "unsupported-video",
          std::string("the film is coded as ") + avcodec_get_name(stream_->codecpar->codec_id) + ", which is not read",
          "convert it to H.264 or VP9");
    codec_.reset(avcodec_alloc_context3(codec));
    if (!codec_) return no_memory();
    if (avcodec_parameters_to_context(codec_.get(), stream_->codecpar) < 0) return damaged();
    codec_->pkt_timebase = stream_->time_base;
    codec_->thread_count = 1;  // the same errors at the same frames, and no threads in a worker
    codec_->max_pixels = static_cast<std::int64_t>(most_pixels_);
    if (input_.rough) codec_->skip_loop_filter = AVDISCARD_ALL;
    if (input_.motion_vectors) codec_->flags2 |= AV_CODEC_FLAG2_EXPORT_MVS;
    if (const int opened = avcodec_open2(codec_.get(), codec, nullptr); opened < 0) return damaged();
    return {};
  }

  static bool listed(std::string_view name) {
    std::string_view rest = kCodecs;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(','), rest.size());
      if (rest.substr(0, end) == name) return true;
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return false;
  }

  void read_header() {
    const AVCodecParameters& coded = *stream_->codecpar;
    if (const std::uint8_t* matrix = av_stream_get_side_data(stream_, AV_PKT_DATA_DISPLAYMATRIX, nullptr)) {
      // Counter-clockwise as libav has it; a quarter turn clockwise is one of turns_.
      const double angle = -av_display_rotation_get(reinterpret_cast<const std::int32_t*>(matrix));
      if (std::isfinite(angle)) turns_ = (static_cast<int>(std::lround(angle / 90.0)) % 4 + 4) % 4;
    }
    header_.width = static_cast<std::uint32_t>(turns_ % 2 ? coded.height : coded.width);
    header_.height = static_cast<std::uint32_t>(turns_ % 2 ? coded.width : coded.height);
    header_.codec = avcodec_get_name(coded.codec_id);
    if (stream_->duration > 0) header_.seconds = seconds_of(span_us(stream_->duration));
    if (header_.seconds == 0.0 && format_->duration > 0) header_.seconds = seconds_of(format_->duration);
    if (stream_->avg_frame_rate.num > 0 && stream_->avg_frame_rate.den > 0)
      header_.rate = av_q2d(stream_->avg_frame_rate);
  }

  static double seconds_of(Microseconds us) { return static_cast<double>(us) / 1e6; }

  std::optional<Microseconds> us_of(std::int64_t timestamp) const {
    std::int64_t from_start = 0;
    if (timestamp == AV_NOPTS_VALUE || __builtin_sub_overflow(timestamp, start_, &from_start)) return std::nullopt;
    const std::int64_t us = av_rescale_q_rnd(from_start, stream_->time_base, {1, 1'000'000}, AV_ROUND_DOWN);
    if (us == INT64_MIN || std::abs(us) > std::int64_t{1'000'000'000} * kSecond) return std::nullopt;
    return us;
  }

  Microseconds span_us(std::int64_t span) const {
    const std::int64_t us = av_rescale_q_rnd(span, stream_->time_base, {1, 1'000'000}, AV_ROUND_DOWN);
    return std::clamp<std::int64_t>(us, 0, std::int64_t{1'000'000'000} * kSecond);
  }

  std::int64_t timestamp(Microseconds us) const {
    const std::int64_t units = av_rescale_q_rnd(us, {1, 1'000'000}, stream_->time_base, AV_ROUND_UP);
    std::int64_t out = 0;
    return units == INT64_MIN || __builtin_add_overflow(units, start_, &out) ? start_ : out;
  }

  Microseconds packet_us() const {
    const std::int64_t at = packet_->pts != AV_NOPTS_VALUE ? packet_->pts : packet_->dts;
    return us_of(at).value_or(0);
  }

  /// When the packet, of whatever stream, is over, from the beginning of the file.
  Microseconds packet_end() const {
    const std::int64_t at = packet_->pts != AV_NOPTS_VALUE ? packet_->pts : packet_->dts;
    const AVRational base = format_->streams[packet_->stream_index]->time_base;
    if (at == AV_NOPTS_VALUE || base.num <= 0 || base.den <= 0) return 0;
    const std::int64_t begin = av_rescale_q(at, base, {1, 1'000'000}),
                       lasts = av_rescale_q(packet_->duration, base, {1, 1'000'000});
    const std::int64_t start = format_->start_time == AV_NOPTS_VALUE ? 0 : format_->start_time;
    std::int64_t end = 0;
    if (__builtin_add_overflow(begin, lasts, &end) || __builtin_sub_overflow(end, start, &end)) return 0;
    return end;
  }

  /// The next packet of the stream into packet_; false at the end.
  Result<bool> read_packet() {
    while (true) {
      const Result<bool> more = read_any_packet();
      if (!more || !*more) return more;
      if (packet_->stream_index != stream_->index) continue;
      ++number_;
      return true;
    }
  }

  Result<bool> read_any_packet() {
    while (true) {
      av_packet_unref(packet_.get());
      if (bytes_.late()) return out_of_time();
      const int got = av_read_frame(format_.get(), packet_.get());
      if (got == AVERROR_EOF) return false;
      if (got == AVERROR(EAGAIN)) continue;
      if (got < 0) {
        if (bytes_.late()) return out_of_time();
        if (got == AVERROR(ENOMEM)) return no_memory();
        return video_error("truncated-video", "the film breaks off: " + said(got),
                           "the file is cut off or damaged: fetch or export it again");
      }
      return true;
    }
  }

  /// After a seek: reads on to a keyframe shown at or before `us`.
  Result<bool> find_keyframe(Microseconds us) {
    while (true) {
      const Result<bool> more = read_packet();
      if (!more) return more.error();
      if (!*more) return false;
      if (packet_->flags & AV_PKT_FLAG_KEY) return packet_us() <= us;
      if (packet_us() > us + kSecond) return false;
    }
  }

  Status restart() {
    if (!bytes_.seekable()) return video_error("unreadable-file", "a stream cannot be read twice", "");
    if (Status opened = open_container(); !opened) return opened;
    if (Status opened = open_codec(); !opened) return opened;
    draining_ = held_ = gap_ = has_ahead_ = false;
    floor_ = last_ = -1;
    number_ = -1;
    return {};
  }

  /// Into ahead_, with its time in last_; false at the end.
  Result<bool> decode() {
    while (true) {
      if (bytes_.late()) return out_of_time();
      const int got = avcodec_receive_frame(codec_.get(), ahead_.get());
      if (got == 0) {
        ++decoded_;
        const std::optional<Microseconds> us = us_of(ahead_->best_effort_timestamp);
        if (!us || *us < floor_ || *us <= last_) continue;
        if (!input_.rough && (ahead_->decode_error_flags != 0 || (ahead_->flags & AV_FRAME_FLAG_CORRUPT)))
          return damaged();
        last_ = *us;
        return true;
      }
      if (got == AVERROR_EOF) {
        if (!gap_) return false;
        avcodec_flush_buffers(codec_.get());
        draining_ = gap_ = false;
        continue;
      }
      if (got != AVERROR(EAGAIN) && (!input_.rough || ++failures_ > kMostFailures)) return damaged();
      if (draining_) return false;
      if (Status fed = feed(); !fed) return fed.error();
    }
  }

  /// Gives the codec one more packet, or tells it that there are none.
  Status feed() {
    if (!held_) {
      const Result<bool> more = read_wanted();
      if (!more) return more.error();
      if (!*more || gap_) {
        held_ = *more;
        draining_ = true;
        avcodec_send_packet(codec_.get(), nullptr);
        return {};
      }
    }
    held_ = false;
    const int sent = avcodec_send_packet(codec_.get(), packet_.get());
    av_packet_unref(packet_.get());
    if (sent == AVERROR(ENOMEM)) return no_memory();
    if (sent < 0 && (!input_.rough || ++failures_ > kMostFailures)) return damaged();
    return {};
  }

  /// The next packet that is to be decoded; gap_ where others were left out before it.
  Result<bool> read_wanted() {
    gap_ = false;
    while (true) {
      const Result<bool> more = read_packet();
      if (!more || !*more) {
        gap_ = false;
        return more;
      }
      if (packet_->flags & AV_PKT_FLAG_KEY) skipping_ = false;
      const auto number = static_cast<std::size_t>(number_);
      if (!skipping_ && (wanted_.empty() || (number < wanted_.size() && wanted_[number]))) return true;
      skipped_ += skipping_;
      gap_ = true;
    }
  }

  bool luma_first() const {
    const AVPixFmtDescriptor* form = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame_->format));
    if (!form || (form->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM))) return false;
    return form->comp[0].plane == 0 && form->comp[0].step == 1 && form->comp[0].depth == 8;
  }

  /// The frame in another form at its own size, as `ffmpeg -sws_flags bicubic+accurate_rnd+full_chroma_int+bitexact`
  /// would give it.
  Status convert(AVPixelFormat to, std::uint8_t* out, std::uint32_t stride) {
    if (Status small = check_size(frame_->width, frame_->height); !small) return small;
    const auto form = static_cast<AVPixelFormat>(frame_->format);
    SwsContext* scaler = sws_getCachedContext(
        scaler_.release(), frame_->width, frame_->height, form, frame_->width, frame_->height, to,
        SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_BITEXACT, nullptr, nullptr, nullptr);
    if (!scaler) return damaged();
    scaler_.reset(scaler);
    const int matrix =
        frame_->colorspace == AVCOL_SPC_UNSPECIFIED ? SWS_CS_DEFAULT : static_cast<int>(frame_->colorspace);
    const bool full = frame_->color_range == AVCOL_RANGE_JPEG;
    sws_setColorspaceDetails(scaler, sws_getCoefficients(matrix), full, sws_getCoefficients(SWS_CS_DEFAULT), 1, 0,
                             1 << 16, 1 << 16);
    std::uint8_t* planes[4] = {out, nullptr, nullptr, nullptr};
    const int strides[4] = {static_cast<int>(stride), 0, 0, 0};
    if (sws_scale(scaler, frame_->data, frame_->linesize, 0, frame_->height, planes, strides) != frame_->height)
      return damaged();
    return {};
  }

  /// By quarters clockwise.
  void turn(std::vector<std::uint8_t>& pixels, std::uint32_t& width, std::uint32_t& height,
            std::size_t channels) const {
    const std::vector<std::uint8_t> from = pixels;
    const std::uint32_t w = width, h = height;
    if (turns_ % 2) std::swap(width, height);
    for (std::uint32_t y = 0; y < height; ++y)
      for (std::uint32_t x = 0; x < width; ++x) {
        const std::uint32_t sx = turns_ == 1 ? y : turns_ == 2 ? w - 1 - x : w - 1 - y;
        const std::uint32_t sy = turns_ == 1 ? h - 1 - x : turns_ == 2 ? h - 1 - y : x;
        std::copy_n(from.begin() + static_cast<std::ptrdiff_t>((std::size_t{sy} * w + sx) * channels), channels,
                    pixels.begin() + static_cast<std::ptrdiff_t>((std::size_t{y} * width + x) * channels));
      }
  }

  static void average(const std::uint8_t* plane, std::ptrdiff_t stride, std::uint32_t columns, std::uint32_t rows,
                      LumaGrid& grid) {
    grid.cells.resize(std::size_t{grid.width} * grid.height);
    std::vector<std::uint32_t> sums(columns);
    for (std::uint32_t y = 0; y < grid.height; ++y) {
      const auto from = static_cast<std::uint32_t>(std::uint64_t{y} * rows / grid.height);
      const auto to = static_cast<std::uint32_t>(std::uint64_t{y + 1} * rows / grid.height);
      std::fill(sums.begin(), sums.end(), 0);
      for (std::uint32_t row = from; row < to; ++row) {
        const std::uint8_t* line = plane + static_cast<std::ptrdiff_t>(row) * stride;
        for (std::uint32_t x = 0; x < columns; ++x) sums[x] += line[x];
      }
      for (std::uint32_t x = 0; x < grid.width; ++x) {
        const auto left = static_cast<std::uint32_t>(std::uint64_t{x} * columns / grid.width);
        const auto right = static_cast<std::uint32_t>(std::uint64_t{x + 1} * columns / grid.width);
        std::uint64_t sum = 0;
        for (std::uint32_t i = left; i < right; ++i) sum += sums[i];
        const std::uint64_t count = std::uint64_t{right - left} * (to - from);
        grid.cells[std::size_t{y} * grid.width + x] = static_cast<std::uint8_t>((sum + count / 2) / count);
      }
    }
  }

  VideoInput input_;
  Limits limits_;
  std::uint64_t most_pixels_;
  Bytes bytes_;
  Owned<AVIOContext> io_;          // after bytes_, which it reads
  Owned<AVFormatContext> format_;  // after io_
  AVStream* stream_ = nullptr;     // of format_
  Owned<AVCodecContext> codec_;
  Owned<AVFrame> frame_;  // that next() gave
  Owned<AVFrame> ahead_;  // decoded last
  Owned<AVPacket> packet_;
  Owned<SwsContext> scaler_;
  VideoHeader header_;
  std::vector<std::uint8_t> grey_;
  std::vector<bool> wanted_;
  std::int64_t start_ = 0, number_ = -1;
  int turns_ = 0, failures_ = 0;
  bool draining_ = false;  // the codec was told that no packet follows
  bool held_ = false;      // packet_ was read and not given to the codec yet
  bool gap_ = false;       // … because packets before it were left out
  bool has_ahead_ = false;
  bool skipping_ = false;  // until a keyframe is read
  Microseconds floor_ = -1, last_ = -1, shown_ = -1;
  std::uint64_t decoded_ = 0, seeks_ = 0, skipped_ = 0;
};

}  // namespace
}  // namespace tenfold::media

extern "C" __attribute__((visibility("default"))) tenfold::Result<std::unique_ptr<tenfold::media::VideoDecoder>>
tenfold_video_open(const tenfold::media::VideoInput& input, const tenfold::media::Limits& limits) {
  using namespace tenfold::media;
  static const bool once = [] {
    av_log_set_level(AV_LOG_QUIET);  // what concerns a caller comes back as an Error
    return true;
  }();
  static_cast<void>(once);
  av_max_alloc(static_cast<std::size_t>(std::clamp<std::uint64_t>(limits.memory_bytes / 2, 1 << 20, INT32_MAX)));
  auto decoder = std::make_unique<LibavDecoder>(input, limits);
  if (tenfold::Status opened = decoder->open(); !opened) return opened.error();
  return std::unique_ptr<VideoDecoder>(std::move(decoder));
}
