//! What a service tells the router.

use crate::errand::{Attempted, Courier, Errand};
use crate::faults::FaultRules;
use crate::handler::{AnyHandler, Handler};
use crate::router::{Due, Erased, Registered};
use crate::{Context, Keys, Site};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use mesh_store::{Key, Kinds, Partition, PartitionKey};
use mesh_wire::{Operation, OperationMeta, Protocol, ServiceMeta, protocol};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;
use std::any::{Any, TypeId};
use std::future::Future;
use std::sync::Arc;

/// A family of AWS services.
pub trait Service {
    /// Registers operations and drivers.
    fn register(self, registry: &mut Registry);
}

/// What is registered.
#[derive(Default)]
pub struct Registry {
    pub(crate) services: FxHashMap<&'static str, Registered>,
    pub(crate) typed: FxHashMap<TypeId, Box<dyn Any + Send + Sync>>,
    pub(crate) drivers: FxHashMap<u16, Due>,
    pub(crate) sites: Vec<Arc<dyn Site>>,
    pub(crate) keys: Option<Arc<dyn Keys>>,
    pub(crate) orders: Vec<(&'static OperationMeta, OrderKey)>,
    pub(crate) couriers: FxHashMap<&'static str, Courier>,
    pub(crate) quotas: Quotas,
    kinds: Kinds,
}

/// Whether AWS's quotas are held that protect AWS: calls in a second, messages in flight. What no request can exceed, the
/// size of a message or the entries of a batch, always holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Quotas {
    /// They are not.
    #[default]
    Off,
    /// What exceeds one is refused as AWS refuses it.
    Strict,
}

/// Makes the key of a delivery's payload, where it is to be kept in order.
pub(crate) type OrderKey = Box<dyn Fn(&[u8]) -> Option<SmolStr> + Send + Sync>;

impl Registry {
    /// Holds quotas, or does not: see [`Context::quotas`].
    pub fn hold(&mut self, quotas: Quotas) {
        self.quotas = quotas;
    }

    /// Makes an API known, so that its operations are at least refused by their names.
    pub fn api(&mut self, meta: &'static ServiceMeta) {
        self.services.entry(meta.name).or_insert_with(|| Registered::new(meta));
    }

    /// Registers what answers `O`.
    pub fn operation<O: Operation>(&mut self, handler: impl Handler<O>) {
        let meta = O::meta();
        self.api(meta.service);
        let handler = Arc::new(handler);
        let any: Arc<dyn AnyHandler<O>> = handler.clone();
        self.typed.insert(TypeId::of::<O>(), Box::new(any));
        if let Some(service) = self.services.get_mut(meta.service.name) {
            service.operations.insert(meta.name, Erased::new::<O, _>(handler));
        }
    }

    /// Makes a kind of partition known, so that its rows can be read from disk: every kind that a service writes to.
    pub fn partition<P: Partition>(&mut self) {
        self.kinds.add::<P>();
    }

    /// The kinds of partition that are known: those of the services, and the router's own.
    pub fn kinds(&self) -> Kinds {
        let mut kinds = self.kinds.clone();
        kinds.add::<FaultRules>();
        kinds
    }

    /// Registers what answers requests that are no calls of an API. The first that claims a request has it.
    pub fn site(&mut self, site: impl Site + 'static) {
        self.sites.push(Arc::new(site));
    }

    /// Registers who knows the secrets of access keys: one service does.
    pub fn keys(&mut self, keys: impl Keys + 'static) {
        self.keys = Some(Arc::new(keys));
    }

    /// Has what a partition owes `O` delivered in the order in which it was owed, wherever `key` makes the same key of two
    /// inputs: the later one begins when the earlier one has ended for good. Without a key a delivery waits for none.
    pub fn in_order<O: Operation>(
        &mut self,
        key: impl Fn(&O::Input) -> Option<SmolStr> + Send + Sync + 'static,
    ) {
        let of_payload = move |payload: &[u8]| {
            let (head, ()) = http::Request::new(()).into_parts();
            let payload = Bytes::copy_from_slice(payload);
            key(&protocol::decode::<O>(Protocol::AwsJson11, &head, &payload).ok()?)
        };
        self.orders.push((O::meta(), Box::new(of_payload)));
    }

    /// Registers who makes the deliveries that a service owes as [`Target::Errand`](mesh_store::Target::Errand). The
    /// context is in the account and Region that the errand names.
    pub fn errands<F>(
        &mut self,
        service: &'static str,
        courier: impl Fn(Context, Errand) -> F + Send + Sync + 'static,
    ) where
        F: Future<Output = Attempted> + Send + 'static,
    {
        self.couriers.insert(service, Box::new(move |cx, errand| Box::pin(courier(cx, errand))));
    }

    /// Registers what is done when a deadline of a partition of this kind comes. Deadlines are not kept on disk: after a
    /// restart, an import or a restore it is called once for each partition. So it looks at the state, does what is due,
    /// and says when it wants to be called next.
    pub fn driver<P: Partition, F>(&mut self, due: impl Fn(Context, Key<P>) -> F + Send + Sync + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let due = move |cx: Context, key: PartitionKey| -> BoxFuture<'static, ()> {
            match Key::of(key) {
                Some(key) => Box::pin(due(cx, key)),
                None => Box::pin(std::future::ready(())),
            }
        };
        self.kinds.add_driven::<P>();
        self.drivers.insert(P::KIND.number(), Arc::new(due));
    }
}
