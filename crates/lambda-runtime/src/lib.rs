//! AWS Lambda for mesh-local: functions and their execution environments, without Docker.
//!
//! **State.** One partition a function ([`state::function`]): configuration, code, policy, and the events that were
//! taken and are not done. A directory for each account and Region ([`state::directory`]) lists the functions. Event source
//! mappings are one partition an account and Region ([`state::mappings`]).
//!
//! **Environments** (`sandbox`) are child processes that speak Lambda's Runtime API, each on a loopback port of its own.
//! They are no state: a universe keeps them in its `Live` while the process runs. Python and Node are run by small
//! clients of the Runtime API in `runtime/`; `provided` runtimes by the archive's own `bootstrap`.
//!
//! **Event source mappings** (`mapping`) have one driver an account and Region, which runs while one of them is enabled.
//! It waits on queues by long polls through the router, and nothing runs while they are empty.
//!
//! **Reading order.** [`state`] (what is stored), [`domain`] (the rules, synchronous), [`ops`] (one file an operation),
//! `sandbox` (environments), [`platform`] (processes and directories of this machine), [`limits`] (AWS's numbers).
//!
//! **Invariants.**
//! - An environment belongs to one generation of a function: after a change of code or configuration the next
//!   invocation finds none of the former.
//! - An invocation ends exactly once: with an answer, an error, its timeout, or the end of its process.
//! - A process is in a group of its own, and the group is killed with its environment: nothing is left behind.
//! - A process's environment is built from nothing: what mesh-local was started with does not reach functions.
//!
//! **Deviations.** A function is active at once. Where the machine has no mount namespaces, `/var/task` and `/tmp` are no
//! places of their own: the environment variables `LAMBDA_TASK_ROOT` and `TMPDIR` say where they are. Memory is watched, not
//! fenced in: a process may hold too much for a moment. Versions, aliases,
//! layers, extensions, images and code from S3 are refused by name.

mod date;
pub mod domain;
pub mod limits;
mod mapping;
pub mod ops;
pub mod platform;
mod sandbox;
mod shapes;
pub mod state;

use mesh_models::lambda;
use mesh_router::{Registry, Service};

/// AWS Lambda.
#[derive(Debug, Default, Clone, Copy)]
pub struct LambdaRuntime;

impl Service for LambdaRuntime {
    fn register(self, registry: &mut Registry) {
        registry.partition::<state::directory::Directory>();
        registry.partition::<state::function::FunctionState>();
        registry.partition::<state::mappings::Mappings>();
        registry.driver::<state::mappings::Mappings, _>(mapping::drive);
        registry.operation::<lambda::AddPermission>(ops::add_permission::run);
        registry.operation::<lambda::CreateEventSourceMapping>(ops::create_event_source_mapping::run);
        registry.operation::<lambda::CreateFunction>(ops::create_function::run);
        registry.operation::<lambda::DeleteEventSourceMapping>(ops::delete_event_source_mapping::run);
        registry.operation::<lambda::DeleteFunction>(ops::delete_function::run);
        registry.operation::<lambda::DeleteFunctionEventInvokeConfig>(
            ops::delete_function_event_invoke_config::run,
        );
        registry.operation::<lambda::GetEventSourceMapping>(ops::get_event_source_mapping::run);
        registry.operation::<lambda::GetFunction>(ops::get_function::run);
        registry
            .operation::<lambda::GetFunctionEventInvokeConfig>(ops::get_function_event_invoke_config::run);
        registry.operation::<lambda::GetPolicy>(ops::get_policy::run);
        registry.operation::<lambda::Invoke>(ops::invoke::run);
        registry.operation::<lambda::ListEventSourceMappings>(ops::list_event_source_mappings::run);
        registry.operation::<lambda::ListFunctionEventInvokeConfigs>(
            ops::list_function_event_invoke_configs::run,
        );
        registry.operation::<lambda::ListFunctions>(ops::list_functions::run);
        registry
            .operation::<lambda::PutFunctionEventInvokeConfig>(ops::put_function_event_invoke_config::run);
        registry.operation::<lambda::UpdateEventSourceMapping>(ops::update_event_source_mapping::run);
        registry.operation::<lambda::UpdateFunctionCode>(ops::update_function_code::run);
        registry.operation::<lambda::UpdateFunctionConfiguration>(ops::update_function_configuration::run);
        registry.operation::<lambda::UpdateFunctionEventInvokeConfig>(
            ops::update_function_event_invoke_config::run,
        );
    }
}
