//! One function a program of `../programs`, rule for rule.
use crate::tables::Tables;
use ascent::aggregators::{count, max, min, sum};
use ascent::ascent;

pub fn run(name: &str, tables: &mut Tables) -> bool {
    match name {
        "tc_left" => tc_left(tables),
        "tc_right" => tc_right(tables),
        "tc_double" => tc_double(tables),
        "tc_permuted" => tc_permuted(tables),
        "same_generation" => same_generation(tables),
        "andersen" => andersen(tables),
        "cspa" => cspa(tables),
        "negation" => negation(tables),
        "shortest" => shortest(tables),
        "group_by" => group_by(tables),
        "triangles" => triangles(tables),
        "cliques" => cliques(tables),
        "star" => star(tables),
        "demand" | "demand_right" => demand(tables),
        _ => return false,
    }
    true
}

fn tc_left(tables: &mut Tables) {
    ascent! {
        struct Program;
        relation edge(i32, i32);
        relation path(i32, i32);
        path(x, y) <-- edge(x, y);
        path(x, z) <-- path(x, y), edge(y, z);
    }
    let mut p = Program { edge: tables.two("edge"), ..Default::default() };
    p.run();
    tables.show_two("path", &p.path);
}

fn tc_right(tables: &mut Tables) {
    ascent! {
        struct Program;
        relation edge(i32, i32);
        relation path(i32, i32);
        path(x, y) <-- edge(x, y);
        path(x, z) <-- edge(x, y), path(y, z);
    }
    let mut p = Program { edge: tables.two("edge"), ..Default::default() };
    p.run();
    tables.show_two("path", &p.path);
}

fn tc_double(tables: &mut Tables) {
    ascent! {
        struct Program;
        relation edge(i32, i32);
        relation path(i32, i32);
        path(x, y) <-- edge(x, y);
        path(x, z) <-- path(x, y), path(y, z);
    }
    let mut p = Program { edge: tables.two("edge"), ..Default::default() };
    p.run();
    tables.show_two("path", &p.path);
}

fn tc_permuted(tables: &mut Tables) {
    ascent! {
        struct Program;
        relation edge(i32, i32);
        relation reached_from(i32, i32);
        reached_from(y, x) <-- edge(x, y);
        reached_from(z, x) <-- reached_from(y, x), edge(y, z);
    }
    let mut p = Program { edge: tables.two("edge"), ..Default::default() };
    p.run();
    tables.show_two("reached_from", &p.reached_from);
}

fn same_generation(tables: &mut Tables) {
    ascent! {
        struct Program;
        relation parent(i32, i32);
        relation same(i32, i32);
        same(x, y) <-- parent(x, p), parent(y, p), if x != y;
        same(x, y) <-- parent(x, p), same(p, q), parent(y, q);
    }
    let mut p = Program { parent: tables.two("parent"), ..Default::default() };
    p.run();
    tables.show_two("same", &p.same);
}

fn andersen(tables: &mut Tables) {
    ascent! {
        struct Program;
        relation address_of(i32, i32);
        relation assign(i32, i32);
        relation load(i32, i32);
        relation store(i32, i32);
        relation points_to(i32, i32);
        points_to(y, x) <-- address_of(y, x);
        points_to(y, x) <-- assign(y, z), points_to(z, x);
        points_to(y, w) <-- load(y, x), points_to(x, z), points_to(z, w);
        points_to(z, w) <-- store(y, x), points_to(y, z), points_to(x, w);
    }
    let mut p = Program {
        address_of: tables.two("address_of"),
        assign: tables.two("assign"),
        load: tables.two("load"),
        store: tables.two("store"),
        ..Default::default()
    };
    p.run();
    tables.show_two("points_to", &p.points_to);
}

fn cspa(tables: &mut Tables) {
    ascent! {
        struct Program;
        relation assign(i32, i32);
        relation dereference(i32, i32);
        relation value_flow(i32, i32);
        relation memory_alias(i32, i32);
        relation value_alias(i32, i32);
        value_flow(y, x) <-- assign(y, x);
        value_flow(x, x) <-- assign(x, _);
        value_flow(x, x) <-- assign(_, x);
        value_flow(x, y) <-- assign(x, z), memory_alias(z, y);
        value_flow(x, y) <-- value_flow(x, z), value_flow(z, y);
        memory_alias(x, x) <-- assign(_, x);
        memory_alias(x, x) <-- assign(x, _);
        memory_alias(x, w) <-- dereference(y, x), value_alias(y, z), dereference(z, w);
        value_alias(x, y) <-- value_flow(z, x), value_flow(z, y);
        value_alias(x, y) <-- value_flow(z, x), memory_alias(z, w), value_flow(w, y);
    }
    let mut p =
        Program { assign: tables.two("assign"), dereference: tables.two("dereference"), ..Default::default() };
    p.run();
    tables.show_two("value_flow", &p.value_flow);
    tables.show_two("memory_alias", &p.memory_alias);
    tables.show_two("value_alias", &p.value_alias);
}

fn negation(tables: &mut Tables) {
    ascent! {
        struct Program;
        relation node(i32);
        relation edge(i32, i32);
        relation path(i32, i32);
        relation apart(i32, i32);
        relation one_way(i32, i32);
        relation last(i32);
        path(x, y) <-- edge(x, y);
        path(x, z) <-- path(x, y), edge(y, z);
        apart(x, y) <-- node(x), node(y), !path(x, y);
        one_way(x, y) <-- path(x, y), !path(y, x);
        last(x) <-- node(x), !edge(x, _);
    }
    let mut p = Program { node: tables.one("node"), edge: tables.two("edge"), ..Default::default() };
    p.run();
    tables.show_two("apart", &p.apart);
    tables.show_two("one_way", &p.one_way);
    tables.show("final", 1, p.last.len(), p.last.iter().map(|&(a,)| [a as i64]));
}

fn shortest(tables: &mut Tables) {
    ascent! {
        struct Program;
        relation edge(i32, i32);
        relation hop(i32, i32, i32);
        relation pair(i32, i32);
        relation distance(i32, i32, i32);
        relation at(i32, i32);
        relation reached(i32, i32, usize);
        relation source(i32);
        relation total(i32, i32);
        hop(x, y, 1) <-- edge(x, y);
        hop(x, z, n + 1) <-- hop(x, y, n), if *n < 7, edge(y, z);
        pair(x, y) <-- hop(x, y, _);
        distance(x, y, d) <-- pair(x, y), agg d = min(n) in hop(x, y, n);
        at(x, d) <-- distance(x, _, d);
        reached(x, d, c) <-- at(x, d), agg c = count() in distance(x, _, d);
        source(x) <-- distance(x, _, _);
        total(x, s) <-- source(x), agg s = sum(d) in distance(x, _, d);
    }
    let mut p = Program { edge: tables.two("edge"), ..Default::default() };
    p.run();
    let distance = p.distance.iter().map(|&(a, b, d)| [a as i64, b as i64, d as i64]);
    tables.show("distance", 2, p.distance.len(), distance);
    let reached = p.reached.iter().map(|&(a, d, c)| [a as i64, d as i64, c as i64]);
    tables.show("reached", 1, p.reached.len(), reached);
    tables.show("total", 1, p.total.len(), p.total.iter().map(|&(a, s)| [a as i64, s as i64]));
}

fn group_by(tables: &mut Tables) {
    ascent! {
        struct Program;
        relation sale(i32, i32, i32);
        relation shop(i32);
        relation item(i32);
        relation sold(i32, i32);
        relation sales_of(i32, usize);
        relation turnover(i32, i32);
        relation cheapest(i32, i32, i32);
        relation dearest(i32, i32, i32);
        shop(s) <-- sale(s, _, _);
        item(i) <-- sale(_, i, _);
        sold(s, i) <-- sale(s, i, _);
        sales_of(s, n) <-- shop(s), agg n = count() in sale(s, _, _);
        turnover(i, t) <-- item(i), agg t = sum(a) in sale(_, i, a);
        cheapest(s, i, a) <-- sold(s, i), agg a = min(x) in sale(s, i, x);
        dearest(s, i, a) <-- sold(s, i), agg a = max(x) in sale(s, i, x);
    }
    let mut p = Program { sale: tables.two_and_number("sale"), ..Default::default() };
    p.run();
    tables.show("sales_of", 1, p.sales_of.len(), p.sales_of.iter().map(|&(a, n)| [a as i64, n as i64]));
    tables.show("turnover", 1, p.turnover.len(), p.turnover.iter().map(|&(a, n)| [a as i64, n as i64]));
    let cheapest = p.cheapest.iter().map(|&(a, b, n)| [a as i64, b as i64, n as i64]);
    tables.show("cheapest", 2, p.cheapest.len(), cheapest);
    let dearest = p.dearest.iter().map(|&(a, b, n)| [a as i64, b as i64, n as i64]);
    tables.show("dearest", 2, p.dearest.len(), dearest);
}

fn triangles(tables: &mut Tables) {
    ascent! {
        struct Program;
        relation edge(i32, i32);
        relation triangle(i32, i32, i32);
        triangle(x, y, z) <-- edge(x, y), edge(y, z), edge(x, z);
    }
    let mut p = Program { edge: tables.two("edge"), ..Default::default() };
    p.run();
    let rows = p.triangle.iter().map(|&(a, b, c)| [a as i64, b as i64, c as i64]);
    tables.show("triangle", 3, p.triangle.len(), rows);
}

fn cliques(tables: &mut Tables) {
    ascent! {
        struct Program;
        relation edge(i32, i32);
        relation clique(i32, i32, i32, i32);
        clique(a, b, c, d) <-- edge(a, b), edge(a, c), edge(b, c), edge(a, d), edge(b, d), edge(c, d);
    }
    let mut p = Program { edge: tables.two("edge"), ..Default::default() };
    p.run();
    let rows = p.clique.iter().map(|&(a, b, c, d)| [a as i64, b as i64, c as i64, d as i64]);
    tables.show("clique", 4, p.clique.len(), rows);
}

fn star(tables: &mut Tables) {
    ascent! {
        struct Program;
        relation r(i32, i32);
        relation s(i32, i32);
        relation t(i32, i32);
        relation known(i32);
        relation pair(i32, i32);
        known(c) <-- t(c, _);
        pair(x, y) <-- r(c, x), s(c, y), known(c);
    }
    let mut p = Program { r: tables.two("r"), s: tables.two("s"), t: tables.two("t"), ..Default::default() };
    p.run();
    tables.show_two("pair", &p.pair);
}

/// Ascent has no demand transformation: written by hand as its users would.
fn demand(tables: &mut Tables) {
    ascent! {
        struct Program;
        relation edge(i32, i32);
        relation found(i32);
        found(y) <-- edge(17, y);
        found(z) <-- found(y), edge(y, z);
    }
    let mut p = Program { edge: tables.two("edge"), ..Default::default() };
    p.run();
    tables.show("found", 1, p.found.len(), p.found.iter().map(|&(a,)| [a as i64]));
}
