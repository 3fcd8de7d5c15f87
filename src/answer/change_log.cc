#include "answer/change_log.h"

namespace tenfold::answer {

std::size_t ChangeLog::Hash::operator()(const std::vector<Cell>& row) const {
  std::uint64_t h = row.size();
  for (Cell c : row) h = (h ^ c ^ (h >> 29)) * 0x9E3779B97F4A7C15u;
  return static_cast<std::size_t>(h ^ (h >> 32));
}

void ChangeLog::add(lang::RelationId relation, bool insert, FactTable table) {
  entries_.push_back({relation, insert, std::move(table)});
  if (insert) return;
  const FactTable& gone = entries_.back().table;
  for (std::size_t i = 0; i < gone.rows(); ++i) {
    const auto row = gone.row(i);
    erased_[relation][{row.begin(), row.end()}] = entries_.size();
  }
}

std::vector<engine::Change> ChangeLog::take_new() {
  std::vector<engine::Change> out;
  for (; handed_out_ < entries_.size(); ++handed_out_) {
    const Entry& e = entries_[handed_out_];
    out.push_back({e.relation, e.insert, &e.table});
  }
  return out;
}

void ChangeLog::clear() {
  entries_.clear();
  erased_.clear();
  handed_out_ = 0;
}

bool ChangeLog::erased_after(lang::RelationId relation, std::span<const Cell> row, std::size_t since) const {
  const auto of = erased_.find(relation);
  if (of == erased_.end()) return false;
  const auto at = of->second.find({row.begin(), row.end()});
  return at != of->second.end() && at->second > since;
}

FactTable ChangeLog::kept(lang::RelationId relation, const FactTable& table, std::size_t since) const {
  if (!erased_.contains(relation)) return table;
  FactTable out{table.relation, table.types, {}, {}, {}};
  for (std::size_t i = 0; i < table.rows(); ++i) {
    if (erased_after(relation, table.row(i), since)) continue;
    out.add(table.row(i), table.origins[i]);
    if (!table.probabilities.empty()) out.probabilities.push_back(table.probabilities[i]);
  }
  return out;
}

void ChangeLog::each(const std::vector<std::pair<lang::RelationId, FactTable>>& before,
                     const std::function<void(lang::RelationId, const FactTable&)>& f) const {
  auto give = [&](lang::RelationId relation, const FactTable& table, std::size_t since) {
    erased_.contains(relation) ? f(relation, kept(relation, table, since)) : f(relation, table);
  };
  for (const auto& [relation, table] : before) give(relation, table, 0);
  for (std::size_t i = 0; i < entries_.size(); ++i)
    if (entries_[i].insert) give(entries_[i].relation, entries_[i].table, i + 1);
}

}  // namespace tenfold::answer
