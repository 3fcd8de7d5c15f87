//! The rule cases in the `ascent` crate: `ascent-cases PROGRAM size|tuples NAMED OUT` reads CSV files of the working
//! folder, as the other systems do, and prints sizes or writes one CSV a relation into OUT. String keys are interned
//! while reading, as the other systems intern theirs.
mod programs;
mod tables;

use std::env;
use tables::Tables;

fn main() {
    let arguments: Vec<String> = env::args().collect();
    let [_, program, mode, named, out] = &arguments[..] else {
        eprintln!("usage: ascent-cases PROGRAM size|tuples yes|no OUT");
        std::process::exit(2);
    };
    let mut tables = Tables::new(named == "yes", mode == "tuples", out);
    if !programs::run(program, &mut tables) {
        eprintln!("ascent-cases: no program {program}");
        std::process::exit(2);
    }
}
