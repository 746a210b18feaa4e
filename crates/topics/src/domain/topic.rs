//! What a topic does: it is created, changed and deleted.

use super::TopicAttributes;
use super::failure::{HasArchive, InvalidParameter, NoSuchTopic};
use crate::state::fifo::Archive;
use crate::state::topic::{Tags, TopicSettings, TopicState};
use mesh_store::Tx;
use smol_str::SmolStr;

impl TopicState {
    /// Creates the topic; false where it exists with these attributes and tags.
    ///
    /// # Errors
    /// It exists with others.
    pub fn create(
        &mut self,
        attributes: &TopicAttributes,
        tags: &Tags,
        data_protection_policy: Option<&SmolStr>,
        tx: &Tx<'_>,
    ) -> Result<bool, InvalidParameter> {
        if let Some(settings) = self.settings.get() {
            if !settings.attributes.answers(attributes) {
                let reason = "Topic already exists with different attributes";
                return Err(InvalidParameter::because("Attributes", reason));
            }
            // Tags that were not sent are not compared (recordings/sns.json::test_create_duplicate_topic_*).
            let has = |(key, value): (&SmolStr, &SmolStr)| settings.tags.get(key) == Some(value);
            if !tags.iter().all(has) {
                let reason = "Topic already exists with different tags";
                return Err(InvalidParameter::because("Tags", reason));
            }
            return Ok(false);
        }
        self.settings.set(TopicSettings {
            created_at: tx.now(),
            attributes: attributes.clone(),
            tags: tags.clone(),
            data_protection_policy: data_protection_policy.cloned(),
            archive: attributes.archive_days().map(|days| Archive { days, since: tx.now() }),
            deleted_subscriptions: 0,
        });
        Ok(true)
    }

    /// The topic's settings.
    ///
    /// # Errors
    /// There is no such topic.
    pub fn existing(&self) -> Result<&TopicSettings, NoSuchTopic> {
        self.settings.get().ok_or(NoSuchTopic)
    }

    /// Deletes the topic with its subscriptions and all that it owes; false where there is none.
    ///
    /// # Errors
    /// It has an archive.
    pub fn delete(&mut self, tx: &mut Tx<'_>) -> Result<bool, HasArchive> {
        let Some(settings) = self.settings.get() else { return Ok(false) };
        if settings.archive.is_some() {
            return Err(HasArchive);
        }
        self.settings.clear();
        self.subscriptions.clear();
        self.ended.clear();
        self.numbering.clear();
        self.deduplication.clear();
        self.archive.clear();
        tx.forgive();
        Ok(true)
    }

    /// Sets an attribute, and begins or ends the archive where that is what it is about.
    ///
    /// # Errors
    /// There is no such topic; there is no such attribute; a value that it cannot have.
    pub fn set_attribute<E>(&mut self, name: &str, value: &str, tx: &Tx<'_>) -> Result<(), E>
    where
        E: From<NoSuchTopic> + From<InvalidParameter>,
    {
        let mut settings = self.existing()?.clone();
        settings.attributes.set(name, value)?;
        let since = settings.archive.map_or(tx.now(), |archive| archive.since);
        settings.archive = settings.attributes.archive_days().map(|days| Archive { days, since });
        if settings.archive.is_none() {
            self.archive.clear();
        }
        self.settings.set(settings);
        Ok(())
    }

    /// Changes the settings.
    ///
    /// # Errors
    /// There is no such topic; what `change` refuses.
    pub fn change<E: From<NoSuchTopic>>(
        &mut self,
        change: impl FnOnce(&mut TopicSettings) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut settings = self.existing()?.clone();
        change(&mut settings)?;
        self.settings.set(settings);
        Ok(())
    }
}
