//! A whole mesh-local in process for tests: no sockets, a clock that stands until it is advanced, the same ids every
//! time, and scenarios: text in, text out.
//!
//! A [`TestBed`] is made of the services that the test registers. A scenario is a text of calls with their answers;
//! [`check`] runs the calls and compares the answers, `UPDATE_EXPECT=1` writes them:
//!
//! ```no_run
//! # fn register(_: &mut mesh_router::Registry) {}
//! # use expect_test::expect;
//! mesh_testkit::check(register, "sqs", expect![[r#"
//!     # A delayed message appears when its delay has passed.
//!     > CreateQueue {"QueueName": "q"}
//!     < 200 {"QueueUrl": "[url q]"}
//!     > SendMessage {"QueueUrl": "[url q]", "MessageBody": "hello", "DelaySeconds": 30}
//!     < 200 {"MD5OfMessageBody": "5d41402abc4b2a76b9719d911017c592", "MessageId": "[id]"}
//!     > ReceiveMessage {"QueueUrl": "[url q]", "WaitTimeSeconds": 20}   & first
//!     + 20s
//!     first < 200 {}
//!     > ReceiveMessage {"QueueUrl": "[url q]", "WaitTimeSeconds": 20}   & second
//!     + 10s
//!     second < 200 {"Messages": [{"Body": "hello", ...}]}
//! "#]]);
//! ```
//!
//! # Lines of a scenario
//!
//! | line | what it does |
//! |---|---|
//! | `> Operation {...}` | calls an operation; JSON may span lines while its brackets are open; `sns:Publish` calls another service's |
//! | `> Operation {...} & name` | the same in the background: the next line runs when the call has ended or waits |
//! | `< 200 {...}` | its answer; an error's code stands behind the status, then `[query: CODE;Sender]` where awsQuery has another |
//! | `name < 200 {...}` | the answer of a call in the background, where it came |
//! | `+ 1h30m` | advances the clock; d, h, m, s, ms, us |
//! | `$name = it.Messages[0].Body` | keeps a value of the latest answer (`it`) or of a named one; `"$name"` or `"...${name}..."` in an input is that value |
//! | `! hang up name` | the caller of a waiting call hangs up; no answer is shown |
//! | `! fork NAME`, `! in NAME` | forks the universe; calls go to another |
//! | `! account ID`, `! region NAME`, `! service NAME` | what is called from now on |
//! | `! settle`, `! reset`, `! freeze` | the universe: let all that is due happen; empty it; stop its clock |
//! | `# ...` | a comment |
//!
//! What differs from run to run is shown under a label; a label in an input means its value:
//! `[id]`, `[id 2]` (UUIDs), `[url NAME]` (a queue), `[handle]`, `[token]`, `[iterator]` (members named so), `[now]`,
//! `[now-30s]`, `[now+1m ms]` (moments in seconds or milliseconds, a string or a number as in the answer), and
//! `[262144 times x]`. `...` as the last of an object or array in an expected answer leaves the rest open.
//!
//! In awsJson inputs are sent as they stand, wrong ones too. awsQuery and rpcv2Cbor are written by the operation's types
//! ([`check_protocols`]), so a scenario for them is made of well-typed inputs to operations that are served. In
//! restJson1 a payload of bytes is a string, or JSON that is sent as it is.
//!
//! Files of scenarios are made tests by [`scenarios!`]. Rewrite expectations with `UPDATE_EXPECT=1 cargo test`, one
//! process for all tests: those that nextest starts side by side would write the same source file.
//!
//! Whatever `check` sends is noted in `target/coverage` for `cargo xtask coverage`. A step that does not end within ten
//! seconds of real time fails and says what still runs.

mod bed;
mod check;
mod client;
mod json;
mod labels;
pub mod scenario;
mod script;
mod sent;

pub use bed::{BEGINNING, ENDPOINT, Reply, SEED, TestBed};
pub use check::{check, check_file, check_folder, check_protocols};
pub use json::{Json, NoJson};
