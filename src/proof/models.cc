#include "proof/models.h"

namespace tenfold::proof {

namespace {
constexpr std::size_t kMaxModels = 32;
}  // namespace

Model& Models::with(const Literals& literals) {
  const auto at = kept_.find(literals);
  if (at != kept_.end()) return *at->second;
  if (kept_.size() >= kMaxModels) std::erase_if(kept_, [](const auto& entry) { return !entry.first.empty(); });
  ModelInputs in = given_.inputs();
  in.models = this;
  if (!literals.empty()) in.open = &with({});
  return *(kept_[literals] = std::make_unique<Model>(in, literals));
}

Lineages& Models::lineages() {
  if (!lineages_) lineages_ = std::make_unique<Lineages>(given_, with({}), settings_);
  return *lineages_;
}

TermRows Models::terms() {
  return [this](lang::RelationId relation, std::span<const std::optional<Cell>> known, const auto& visit) {
    Model& open = with({});
    if (!open.evaluate(relation)) return Computed::unknown;
    for (const Row* row : open.matching(relation, {known.begin(), known.end()}))
      if (!visit(*row)) break;
    return Computed::done;
  };
}

void Models::forget() {
  lineages_.reset();
  kept_.clear();
}

}  // namespace tenfold::proof
