//! Reading and writing CSV files of integers or interned strings.
use std::collections::HashMap;
use std::fs;
use std::io::{BufWriter, Write};

pub struct Tables {
    named: bool,
    print: bool,
    out: String,
    ids: HashMap<String, i32>,
    names: Vec<String>,
}

impl Tables {
    pub fn new(named: bool, print: bool, out: &str) -> Self {
        Tables { named, print, out: out.to_string(), ids: HashMap::new(), names: Vec::new() }
    }

    fn key(&mut self, text: &str) -> i32 {
        if !self.named {
            return text.parse().expect("an integer");
        }
        if let Some(&id) = self.ids.get(text) {
            return id;
        }
        let id = self.names.len() as i32;
        self.names.push(text.to_string());
        self.ids.insert(text.to_string(), id);
        id
    }

    pub fn rows<const N: usize>(&mut self, name: &str) -> Vec<[i32; N]> {
        let text = fs::read_to_string(format!("{name}.csv")).expect("the input file");
        let mut rows = Vec::new();
        for line in text.lines() {
            let mut row = [0; N];
            for (cell, text) in row.iter_mut().zip(line.split(',')) {
                *cell = self.key(text);
            }
            rows.push(row);
        }
        rows
    }

    pub fn one(&mut self, name: &str) -> Vec<(i32,)> {
        self.rows::<1>(name).into_iter().map(|[a]| (a,)).collect()
    }

    pub fn two(&mut self, name: &str) -> Vec<(i32, i32)> {
        self.rows::<2>(name).into_iter().map(|[a, b]| (a, b)).collect()
    }

    /// Three columns of which the last is a number.
    pub fn two_and_number(&mut self, name: &str) -> Vec<(i32, i32, i32)> {
        let text = fs::read_to_string(format!("{name}.csv")).expect("the input file");
        let mut rows = Vec::new();
        for line in text.lines() {
            let mut cells = line.split(',');
            let a = self.key(cells.next().unwrap());
            let b = self.key(cells.next().unwrap());
            rows.push((a, b, cells.next().unwrap().parse().expect("a number")));
        }
        rows
    }

    /// `keys`: how many of the first columns are keys; the rest are numbers.
    pub fn show<const N: usize>(&self, name: &str, keys: usize, size: usize, rows: impl Iterator<Item = [i64; N]>) {
        if !self.print {
            println!("{name}\t{size}");
            return;
        }
        let file = fs::File::create(format!("{}/{name}.csv", self.out)).expect("the output file");
        let mut file = BufWriter::with_capacity(1 << 20, file);
        for row in rows {
            for (i, value) in row.iter().enumerate() {
                if i > 0 {
                    file.write_all(b",").unwrap();
                }
                if self.named && i < keys {
                    file.write_all(self.names[*value as usize].as_bytes()).unwrap();
                } else {
                    write!(file, "{value}").unwrap();
                }
            }
            file.write_all(b"\n").unwrap();
        }
        file.flush().unwrap();
    }

    pub fn show_two(&self, name: &str, rows: &[(i32, i32)]) {
        self.show(name, 2, rows.len(), rows.iter().map(|&(a, b)| [a as i64, b as i64]));
    }
}
