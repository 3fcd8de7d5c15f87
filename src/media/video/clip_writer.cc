#include "media/video/clip_writer.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/opt.h>
#include <libswscale/swscale.h>
}

namespace tenfold::media {
namespace {

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "clip_writer: %s\n", what);
  std::abort();
}

struct Writer {
  AVFormatContext* format = nullptr;
  AVCodecContext* codec = nullptr;
  AVStream* stream = nullptr;

  void drain() {
    AVPacket* packet = av_packet_alloc();
    while (avcodec_receive_packet(codec, packet) == 0) {
      av_packet_rescale_ts(packet, codec->time_base, stream->time_base);
      packet->stream_index = stream->index;
      require(av_interleaved_write_frame(format, packet) == 0, "a packet cannot be written");
    }
    av_packet_free(&packet);
  }
};

void turn(AVStream* stream, int quarter_turns) {
  if (quarter_turns == 0) return;
  auto* matrix = reinterpret_cast<std::int32_t*>(
      av_stream_new_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, 9 * sizeof(std::int32_t)));
  av_display_rotation_set(matrix, 90.0 * quarter_turns);
}

AVCodecContext* open_encoder(const Clip& clip, int flags) {
  const AVCodec* encoder = avcodec_find_encoder_by_name(clip.codec.c_str());
  require(encoder, "libav has no such encoder");
  AVCodecContext* codec = avcodec_alloc_context3(encoder);
  codec->width = clip.width;
  codec->height = clip.height;
  codec->time_base = {1, clip.rate};
  codec->framerate = {clip.rate, 1};
  codec->gop_size = clip.keyframe_every;
  codec->max_b_frames = clip.b_frames;
  codec->thread_count = 1;
  codec->pix_fmt = clip.codec == "gif" ? AV_PIX_FMT_RGB8 : AV_PIX_FMT_YUV420P;
  codec->flags = flags | AV_CODEC_FLAG_BITEXACT;
  if (clip.codec == "libx264") {
    av_opt_set(codec->priv_data, "preset", "veryfast", 0);
    av_opt_set(codec->priv_data, "x264-params", "scenecut=0", 0);
  } else if (clip.codec != "gif") {
    codec->flags |= AV_CODEC_FLAG_QSCALE;
    codec->global_quality = 4 * FF_QP2LAMBDA;
  }
  require(avcodec_open2(codec, encoder, nullptr) == 0, "the encoder cannot be opened");
  return codec;
}

}  // namespace

void fill(Colours& picture, int x, int y, int width, int height, std::uint8_t red, std::uint8_t green,
          std::uint8_t blue) {
  for (int v = std::max(y, 0); v < std::min(y + height, static_cast<int>(picture.height)); ++v)
    for (int u = std::max(x, 0); u < std::min(x + width, static_cast<int>(picture.width)); ++u) {
      std::uint8_t* pixel =
          picture.rgb.data() + (static_cast<std::size_t>(v) * picture.width + static_cast<std::size_t>(u)) * 3;
      pixel[0] = red, pixel[1] = green, pixel[2] = blue;
    }
}

void write_clip(const std::string& path, const Clip& clip, const Draw& draw) {
  av_log_set_level(AV_LOG_QUIET);
  Writer out;
  require(avformat_alloc_output_context2(&out.format, nullptr, clip.container.c_str(), path.c_str()) >= 0,
          "libav has no such container");
  out.format->flags |= AVFMT_FLAG_BITEXACT;
  out.codec = open_encoder(clip, out.format->oformat->flags & AVFMT_GLOBALHEADER ? AV_CODEC_FLAG_GLOBAL_HEADER : 0);
  out.stream = avformat_new_stream(out.format, nullptr);
  out.stream->time_base = out.codec->time_base;
  out.stream->avg_frame_rate = out.codec->framerate;
  require(avcodec_parameters_from_context(out.stream->codecpar, out.codec) >= 0, "no parameters");
  turn(out.stream, clip.quarter_turns);
  require(avio_open(&out.format->pb, path.c_str(), AVIO_FLAG_WRITE) >= 0, "the file cannot be written");
  require(avformat_write_header(out.format, nullptr) >= 0, "the header cannot be written");

  AVFrame* frame = av_frame_alloc();
  frame->format = out.codec->pix_fmt;
  frame->width = clip.width;
  frame->height = clip.height;
  require(av_frame_get_buffer(frame, 0) == 0, "no memory");
  SwsContext* scaler = sws_getContext(clip.width, clip.height, AV_PIX_FMT_RGB24, clip.width, clip.height,
                                      out.codec->pix_fmt, SWS_BICUBIC | SWS_BITEXACT, nullptr, nullptr, nullptr);
  Colours picture{static_cast<std::uint32_t>(clip.width), static_cast<std::uint32_t>(clip.height), {}};
  for (int i = 0; i < clip.frames; ++i) {
    picture.rgb.assign(std::size_t{picture.width} * picture.height * 3, 0);
    draw(i, picture);
    require(av_frame_make_writable(frame) == 0, "no memory");
    const std::uint8_t* planes[4] = {picture.rgb.data(), nullptr, nullptr, nullptr};
    const int strides[4] = {clip.width * 3, 0, 0, 0};
    sws_scale(scaler, planes, strides, 0, clip.height, frame->data, frame->linesize);
    frame->pts = clip.times.empty() ? i : clip.times[static_cast<std::size_t>(i)];
    frame->quality = out.codec->global_quality;
    require(avcodec_send_frame(out.codec, frame) == 0, "a frame cannot be coded");
    out.drain();
  }
  avcodec_send_frame(out.codec, nullptr);
  out.drain();
  require(av_write_trailer(out.format) == 0, "the file cannot be finished");
  sws_freeContext(scaler);
  av_frame_free(&frame);
  avcodec_free_context(&out.codec);
  avio_closep(&out.format->pb);
  avformat_free_context(out.format);
}

std::vector<PlayedFrame> play(const std::string& path, std::size_t every) {
  av_log_set_level(AV_LOG_QUIET);
  AVFormatContext* format = nullptr;
  require(avformat_open_input(&format, path.c_str(), nullptr, nullptr) == 0, "the film cannot be opened");
  require(avformat_find_stream_info(format, nullptr) >= 0, "the film has no streams");
  const int index = av_find_best_stream(format, AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
  require(index >= 0, "the film has no pictures");
  AVStream* stream = format->streams[index];
  AVCodecContext* codec = avcodec_alloc_context3(avcodec_find_decoder(stream->codecpar->codec_id));
  avcodec_parameters_to_context(codec, stream->codecpar);
  codec->pkt_timebase = stream->time_base;
  codec->thread_count = 1;
  require(avcodec_open2(codec, nullptr, nullptr) == 0, "no decoder");
  std::vector<PlayedFrame> frames;
  AVPacket* packet = av_packet_alloc();
  AVFrame* frame = av_frame_alloc();
  SwsContext* scaler = nullptr;
  const std::int64_t start = stream->start_time == AV_NOPTS_VALUE ? 0 : stream->start_time;
  for (bool more = true; more;) {
    more = av_read_frame(format, packet) == 0;
    if (more && packet->stream_index != index) {
      av_packet_unref(packet);
      continue;
    }
    avcodec_send_packet(codec, more ? packet : nullptr);
    av_packet_unref(packet);
    while (avcodec_receive_frame(codec, frame) == 0) {
      const std::int64_t us =
          av_rescale_q_rnd(frame->best_effort_timestamp - start, stream->time_base, {1, 1'000'000}, AV_ROUND_DOWN);
      if (frames.size() % every != 0) {
        frames.push_back({us, {}});
        continue;
      }
      const auto form = static_cast<AVPixelFormat>(frame->format);
      scaler = sws_getCachedContext(
          scaler, frame->width, frame->height, form, frame->width, frame->height, AV_PIX_FMT_RGB24,
          SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_BITEXACT, nullptr, nullptr, nullptr);
      const int matrix =
          frame->colorspace == AVCOL_SPC_UNSPECIFIED ? SWS_CS_DEFAULT : static_cast<int>(frame->colorspace);
      sws_setColorspaceDetails(scaler, sws_getCoefficients(matrix), frame->color_range == AVCOL_RANGE_JPEG,
                               sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, 1 << 16, 1 << 16);
      Colours picture{static_cast<std::uint32_t>(frame->width), static_cast<std::uint32_t>(frame->height), {}};
      picture.rgb.resize(std::size_t{picture.width} * picture.height * 3);
      std::uint8_t* planes[4] = {picture.rgb.data(), nullptr, nullptr, nullptr};
      const int strides[4] = {frame->width * 3, 0, 0, 0};
      sws_scale(scaler, frame->data, frame->linesize, 0, frame->height, planes, strides);
      frames.push_back({us, std::move(picture)});
    }
  }
  sws_freeContext(scaler);
  av_frame_free(&frame);
  av_packet_free(&packet);
  avcodec_free_context(&codec);
  avformat_close_input(&format);
  return frames;
}

}  // namespace tenfold::media
