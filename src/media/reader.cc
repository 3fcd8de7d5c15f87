#include "media/reader.h"

#include <algorithm>
#include <functional>
#include <mutex>
#include <set>

#include "base/shared_module.h"
#include "base/worker_process.h"
#include "media/opened.h"
#include "media/reader_wire.h"
#include "media/sandbox.h"

namespace tenfold::media {
namespace {

MediaReply answer(OpenedMedia& media, const MediaRequest& request) {
  MediaReply reply;
  const auto take = [&](auto result, auto& into) {
    if (result)
      into = std::move(*result);
    else
      reply.error = result.error();
  };
  switch (request.what) {
    case MediaRequest::What::facts: {
      const Adapter* adapter = find_adapter(request.adapter);
      if (adapter && request.relation < adapter->relations.size())
        take(media.read(*adapter, request.relation, request.key), reply.reading);
      else
        reply.error = Error{"decoder-failed", {}, "tenfold-media is of another version", "install both together", ""};
      break;
    }
    case MediaRequest::What::colours:
      take(media.colours(request.key, request.size, reply.reading), reply.colours);
      break;
    case MediaRequest::What::grey:
      take(media.grey(request.key, request.size, reply.reading), reply.grey);
      break;
  }
  reply.unit = reply.reading.work.unit;
  return reply;
}

}  // namespace

// One process, or its stand-in within this one.
struct Lane {
  std::mutex mutex;
  std::unique_ptr<WorkerProcess> worker;
  std::unique_ptr<OpenedMedia> here;
};

struct MediaReader::State {
  explicit State(ReaderSettings wanted) : settings(wanted), lanes(std::max(1u, wanted.lanes)) {}

  Status start(Lane& lane) const {
    const auto program = find_beside("tenfold-media");
    if (!program) return program.error();
    lane.worker = WorkerProcess::start(*program);
    std::string why;
    const auto ready =
        lane.worker ? lane.worker->ask(to_bytes(settings.limits), kStartSeconds, why) : std::optional<std::string>();
    if (ready && ready->empty()) return {};
    lane.worker.reset();
    if (ready)
      if (const auto error = read_error(*ready)) return *error;
    return Error{"decoder-failed",
                 {},
                 "the process that decodes files could not be started",
                 "look at the memory of this machine",
                 ""};
  }

  Result<MediaReply> ask(const MediaRequest& request) {
    const std::string path = read_key(request.key).path;
    Lane& lane = lanes[std::hash<std::string>()(path) % lanes.size()];
    const std::lock_guard lock(lane.mutex);
    if (!settings.isolate) {
      if (!lane.here) lane.here = std::make_unique<OpenedMedia>(settings.limits);
      return counted(answer(*lane.here, request), request);
    }
    if (!lane.worker)
      if (Status s = start(lane); !s.ok()) return s.error();
    std::string why;
    const auto bytes = lane.worker->ask(to_bytes(request), settings.limits.seconds, why);
    auto reply = bytes ? read_media_reply(*bytes) : std::optional<MediaReply>();
    if (reply) return counted(std::move(*reply), request);
    lane.worker.reset();  // whatever state it is in
    return Error{"decoder-failed",
                 {path, 0, 0, 1},
                 "the process that decodes this file " + (why.empty() ? "said what cannot be read" : why),
                 "the file is damaged or made to do harm, or needs more memory than it may have; look at it with care",
                 ""};
  }

  MediaReply counted(MediaReply reply, const MediaRequest& request) {
    const std::lock_guard lock(mutex);
    const std::string name = request.adapter.empty() ? reply.adapter : request.adapter;
    auto of = std::find_if(work.begin(), work.end(), [&](const AdapterWork& w) { return w.adapter == name; });
    if (of == work.end()) of = work.insert(work.end(), {name, {}, 0, 0, 0, 0.0});
    ++of->reads;
    if (!reply.unit.empty()) of->unit = reply.unit;
    of->decoded += reply.reading.work.decoded;
    of->seconds += reply.reading.work.seconds;
    if (!reply.error && met.emplace(name, reply.reading.path).second) of->there += reply.reading.work.there;
    reply.reading.work.unit = unit_of(reply.unit);
    return reply;
  }

  // A view that outlives the reply.
  std::string_view unit_of(const std::string& unit) { return *units.insert(unit).first; }

  static constexpr double kStartSeconds = 60.0;
  const ReaderSettings settings;
  std::vector<Lane> lanes;
  std::mutex mutex;
  std::vector<AdapterWork> work;
  std::set<std::pair<std::string, std::string>> met;  // adapter and path
  std::set<std::string> units;
};

MediaReader::MediaReader(ReaderSettings settings) : state_(std::make_unique<State>(settings)) {}
MediaReader::~MediaReader() = default;

Result<Reading> MediaReader::read(const Adapter& adapter, std::size_t relation, const std::string& key) {
  auto reply = state_->ask(
      {MediaRequest::What::facts, std::string(adapter.name), static_cast<std::uint32_t>(relation), key, {}});
  if (!reply) return reply.error();
  if (reply->error) return *reply->error;
  return std::move(reply->reading);
}

Result<Colours> MediaReader::colours(const std::string& key, PictureSize size) {
  auto reply = state_->ask({MediaRequest::What::colours, "", 0, key, size});
  if (!reply) return reply.error();
  if (reply->error) return *reply->error;
  return std::move(reply->colours);
}

Result<Image> MediaReader::grey(const std::string& key, PictureSize size) {
  auto reply = state_->ask({MediaRequest::What::grey, "", 0, key, size});
  if (!reply) return reply.error();
  if (reply->error) return *reply->error;
  return std::move(reply->grey);
}

std::vector<AdapterWork> MediaReader::work() const {
  const std::lock_guard lock(state_->mutex);
  return state_->work;
}

int serve_media(int socket) {
  end_with(socket);  // a decoder may never come back
  std::string message;
  if (!receive_message(socket, message, 0.0)) return 0;
  const auto limits = read_limits(message);
  if (!limits) return 1;
  const Status confined = enter_sandbox(limits->memory_bytes);
  if (!send_message(socket, confined.ok() ? "" : to_bytes(confined.error()), 0.0) || !confined.ok()) return 0;
  OpenedMedia media(*limits);
  while (receive_message(socket, message, 0.0)) {
    const auto request = read_media_request(message);
    if (!request) return 1;
    MediaReply reply = answer(media, *request);
    if (!send_message(socket, to_bytes(reply), 0.0)) return 0;
  }
  return 0;
}

}  // namespace tenfold::media
