//! The in-memory store fulfils the contract of the store.

use std::sync::Arc;

use async_trait::async_trait;
use domain::store::Store;
use testkit::{contract::Backend, memory::MemoryStore};

struct Memory(MemoryStore);

#[async_trait]
impl Backend for Memory {
    async fn open(&self) -> Arc<dyn Store> {
        Arc::new(self.0.clone())
    }

    async fn remove(self: Box<Self>) {}
}

async fn memory() -> Memory {
    Memory(MemoryStore::default())
}

testkit::store_contract!(memory);
