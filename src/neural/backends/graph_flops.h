// What a graph costs, from a table of operators.
#pragma once

#include <memory>

namespace ov {
class Model;
}

namespace tenfold::neural {

/// FLOPs of one run of a graph with static shapes, a multiply-add counted as two: convolutions and matrix products in
/// full, pooling and reductions one an element read, normalisations, activations and other arithmetic one an element
/// written; what only moves or describes data nothing. -1 when the graph has an operator with a body or a shape that is
/// not static, which cannot be counted so.
double graph_flops(const std::shared_ptr<const ov::Model>& model);

}  // namespace tenfold::neural
