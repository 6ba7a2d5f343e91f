//! The pages in Chromium, with a keyboard and the screen of a phone.

mod cases;
mod driver;
mod other_cases;
mod words;
