// ImagingStudy and DocumentReference: what was done, and where the pictures are.
#include <filesystem>

#include "media/fhir_codes.h"
#include "media/fhir_resources.h"

namespace tenfold::media {
namespace {

bool image_type(std::string_view content_type) {
  const std::string_view type = content_type.substr(0, content_type.find(';'));
  return type == "application/dicom" || type == "image/png" || type == "image/jpeg" || type == "image/jpg";
}

bool remote(std::string_view url) {
  const std::size_t at = url.find("://");
  return at != std::string_view::npos && url.substr(0, at) != "file";
}

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char low = static_cast<char>(c | 0x20);
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

/// The path of a file URL, its %XX decoded.
std::string file_path(std::string_view url) {
  url.remove_prefix(url.starts_with("file://localhost/") ? 16 : url.starts_with("file://") ? 7 : 5);
  std::string path;
  for (std::size_t i = 0; i < url.size(); ++i) {
    if (url[i] == '%' && i + 2 < url.size() && hex(url[i + 1]) >= 0 && hex(url[i + 2]) >= 0) {
      path += static_cast<char>(hex(url[i + 1]) * 16 + hex(url[i + 2]));
      i += 2;
    } else {
      path += url[i];
    }
  }
  return path;
}

constexpr int kMostEndpoints = 16;  // each is looked up among all contained resources

}  // namespace

void ResourceReader::imaging_study(JsonValue resource) {
  const auto [status_value, patient, visit, started, modalities, endpoints, series_list, extensions, contained] =
      elements_.fields(
          resource, "ImagingStudy",
          {"status", "subject", "encounter", "started", "modality", "endpoint", "series", "extension", "contained"});
  const std::string_view status = elements_.string(status_value, "status");
  counts_ = status != "entered-in-error" && status != "cancelled";
  auto t = elements_.time(started, "started");
  const Cell p = subject(patient, "subject");
  if (elements_.failed()) return;
  elements_.each(modalities, "modality", [&](JsonValue modality) {
    const std::string_view code = elements_.coding(modality, "modality").code;
    if (!code.empty()) add(Rel::study_modality, {r_, text(code)});
  });
  film_extensions(extensions, p);
  film_endpoints(endpoints, contained, p);
  elements_.each(series_list, "series", [&](JsonValue each) {
    const auto begun = series(each, p);
    if (!t) t = begun;
  });
  event(t);
  if (t)
    add(Rel::study, {r_, p, text(status), cell(*t)});
  else
    elements_.note("started", "is missing");
  in_encounter(visit);
}

/// Returns when the series began.
std::optional<Micros> ResourceReader::series(JsonValue value, Cell p) {
  const auto [modality_value, body_value, started, instances, extensions] =
      elements_.fields(value, "series", {"modality", "bodySite", "started", "instance", "extension"});
  const Coding modality = elements_.coding(modality_value, "series.modality");
  if (!modality.code.empty()) add(Rel::study_modality, {r_, text(modality.code)});
  const Coding body = elements_.coding(body_value, "series.bodySite");
  if (!body.code.empty())
    add(Rel::study_body, {r_, text(body.code)});
  else if (!body.display.empty())
    add(Rel::study_body, {r_, lower(body.display)});
  film_extensions(extensions, p);
  elements_.each(instances, "series.instance", [&](JsonValue instance) {
    const auto [title_value, instance_extensions] =
        elements_.fields(instance, "series.instance", {"title", "extension"});
    const std::string_view title = elements_.string(title_value, "series.instance.title");
    if (image_name(title)) film(title, p);
    film_extensions(instance_extensions, p);
  });
  return elements_.time(started, "series.started");
}

/// An extension that holds an Attachment of an image, or a URL that ends like an image file.
void ResourceReader::film_extensions(JsonValue extensions, Cell p) {
  elements_.each(extensions, "extension", [&](JsonValue extension) {
    const auto [attachment, url_value, uri_value] =
        elements_.fields(extension, "extension", {"valueAttachment", "valueUrl", "valueUri"});
    for (const JsonValue value : {url_value, uri_value}) {
      const std::string_view url = elements_.string(value, "extension.valueUrl");
      if (image_name(url)) film(url, p);
    }
    if (attachment.present()) film_attachment(attachment, p);
  });
}

void ResourceReader::film_attachment(JsonValue attachment, Cell p) {
  const auto [type_value, url_value, data] = elements_.fields(attachment, "attachment", {"contentType", "url", "data"});
  const std::string_view type = elements_.string(type_value, "attachment.contentType");
  const std::string_view url = elements_.string(url_value, "attachment.url");
  if (!image_type(type) && !(type.empty() && image_name(url))) return;
  if (!url.empty())
    film(url, p);
  else if (data.present())
    elements_.note("attachment.data", "holds an image inside the record, which is not read");
}

void ResourceReader::film_endpoints(JsonValue endpoints, JsonValue contained, Cell p) {
  int number = 0;
  elements_.each(endpoints, "endpoint", [&](JsonValue value) {
    const std::string_view name = elements_.reference(value, "endpoint");
    if (name.empty() || number++ == kMostEndpoints) return;
    JsonValue endpoint;
    if (name.starts_with('#')) {
      endpoint = contained_resource(contained, name);
    } else {
      const Entry* entry = record_->find(name);
      if (!entry) entry = record_->find(relative_reference(name));
      if (entry && entry->kind == Kind::endpoint) endpoint = entry->resource;
    }
    const auto [address_value] = elements_.fields(endpoint, "Endpoint", {"address"});
    const std::string_view address = elements_.string(address_value, "Endpoint.address");
    if (image_name(address)) film(address, p);
  });
}

/// film(r, p, image): remote URLs as given, paths from the record's folder, "a/../b" simplified.
void ResourceReader::film(std::string_view url, Cell p) {
  if (!sink_.wants_any({Rel::film, Rel::image_tag})) return;
  SymbolId image = 0;
  if (remote(url)) {
    if (options_.images_only_under) return elements_.note("film", "is not on this machine: " + std::string(url));
    image = sink_.symbols().intern(url);
  } else {
    const std::string path = url.starts_with("file:") ? file_path(url) : std::string(url);
    if (path.find('\0') != std::string::npos) return elements_.note("film", "has a path with NUL");
    const std::filesystem::path whole = (std::filesystem::path(folder_) / path).lexically_normal();
    if (options_.images_only_under) {
      const auto inside =
          whole.lexically_relative(std::filesystem::path(*options_.images_only_under).lexically_normal());
      if (inside.empty() || *inside.begin() == "..") {
        return elements_.note("film", "lies outside the folder of images: " + path);
      }
    }
    image = sink_.symbols().intern(whole.native());
  }
  films_.push_back(image);
  add(Rel::film, {r_, p, image});
}

void ResourceReader::document(JsonValue resource) {
  const auto [status_value, doc_status_value, type, patient, date, contents, context] = elements_.fields(
      resource, "DocumentReference", {"status", "docStatus", "type", "subject", "date", "content", "context"});
  const std::string_view status = elements_.string(status_value, "status");
  const std::string_view doc_status = elements_.string(doc_status_value, "docStatus");
  const bool wrong = status == "entered-in-error" || doc_status == "entered-in-error";
  counts_ = !wrong;
  const auto [visits, period] = elements_.fields(context, "context", {"encounter", "period"});
  const auto [start] = elements_.fields(period, "context.period", {"start"});
  auto t = elements_.time(date, "date");
  if (!t) t = elements_.time(start, "context.period.start");
  event(t);
  const Cell p = subject(patient, "subject");
  if (elements_.failed()) return;
  if (t)
    add(Rel::document, {r_, p, text(wrong ? "entered-in-error" : status), cell(*t)});
  else
    elements_.note("date", "is missing");
  codes(r_, type);
  elements_.each(contents, "content", [&](JsonValue content) {
    const auto [attachment] = elements_.fields(content, "content", {"attachment"});
    film_attachment(attachment, p);
  });
  elements_.each(visits, "context.encounter", [&](JsonValue visit) { in_encounter(visit); });
}

}  // namespace tenfold::media
