//! Event source mappings, from the wire and to it.

use super::refuse;
use crate::domain::failure::{InvalidParameter, NotServed};
use crate::domain::{Mapping, MappingChange, uuid};
use mesh_models::lambda::{
    AmazonManagedKafkaEventSourceConfig, CreateEventSourceMappingOutput, DeleteEventSourceMappingOutput,
    DestinationConfig, DocumentDBEventSourceConfig, EventSourceMappingConfiguration,
    EventSourceMappingLoggingConfig, EventSourceMappingMetricsConfig, Filter, FilterCriteria,
    GetEventSourceMappingOutput, ProvisionedPollerConfig, ScalingConfig, SelfManagedKafkaEventSourceConfig,
    SourceAccessConfiguration, UpdateEventSourceMappingOutput,
};
use mesh_patterns::{Dialect, FilterPolicy};
use mesh_types::{AccountId, Arn, Region};
use mesh_wire::DateTime;
use smol_str::SmolStr;

/// The members that creating and updating share.
pub(crate) struct MappingMembers {
    pub(crate) enabled: Option<bool>,
    pub(crate) batch_size: Option<i32>,
    pub(crate) filter_criteria: Option<FilterCriteria>,
    pub(crate) kms_key_arn: Option<String>,
    pub(crate) metrics_config: Option<EventSourceMappingMetricsConfig>,
    pub(crate) logging_config: Option<EventSourceMappingLoggingConfig>,
    pub(crate) scaling_config: Option<ScalingConfig>,
    pub(crate) maximum_batching_window_in_seconds: Option<i32>,
    pub(crate) parallelization_factor: Option<i32>,
    pub(crate) destination_config: Option<DestinationConfig>,
    pub(crate) maximum_record_age_in_seconds: Option<i32>,
    pub(crate) bisect_batch_on_function_error: Option<bool>,
    pub(crate) maximum_retry_attempts: Option<i32>,
    pub(crate) tumbling_window_in_seconds: Option<i32>,
    pub(crate) source_access_configurations: Option<Vec<SourceAccessConfiguration>>,
    pub(crate) function_response_types: Option<Vec<String>>,
    pub(crate) amazon_managed_kafka_event_source_config: Option<AmazonManagedKafkaEventSourceConfig>,
    pub(crate) self_managed_kafka_event_source_config: Option<SelfManagedKafkaEventSourceConfig>,
    pub(crate) document_db_event_source_config: Option<DocumentDBEventSourceConfig>,
    pub(crate) provisioned_poller_config: Option<ProvisionedPollerConfig>,
}

impl MappingMembers {
    /// What they ask for, of a mapping whose source is a queue.
    pub(crate) fn check<E: From<InvalidParameter> + From<NotServed>>(self) -> Result<MappingChange, E> {
        let Self {
            enabled,
            batch_size,
            filter_criteria,
            kms_key_arn,
            metrics_config,
            logging_config,
            scaling_config,
            maximum_batching_window_in_seconds,
            parallelization_factor,
            destination_config,
            maximum_record_age_in_seconds,
            bisect_batch_on_function_error,
            maximum_retry_attempts,
            tumbling_window_in_seconds,
            source_access_configurations,
            function_response_types,
            amazon_managed_kafka_event_source_config,
            self_managed_kafka_event_source_config,
            document_db_event_source_config,
            provisioned_poller_config,
        } = self;
        unsupported(destination_config.as_ref(), "DestinationConfig")?;
        unsupported(parallelization_factor.as_ref(), "ParallelizationFactor")?;
        unsupported(maximum_record_age_in_seconds.as_ref(), "MaximumRecordAgeInSeconds")?;
        unsupported(bisect_batch_on_function_error.as_ref(), "BisectBatchOnFunctionError")?;
        unsupported(maximum_retry_attempts.as_ref(), "MaximumRetryAttempts")?;
        unsupported(tumbling_window_in_seconds.as_ref(), "TumblingWindowInSeconds")?;
        unsupported(source_access_configurations.as_ref(), "SourceAccessConfigurations")?;
        unsupported(
            amazon_managed_kafka_event_source_config.as_ref(),
            "AmazonManagedKafkaEventSourceConfig",
        )?;
        unsupported(self_managed_kafka_event_source_config.as_ref(), "SelfManagedKafkaEventSourceConfig")?;
        unsupported(document_db_event_source_config.as_ref(), "DocumentDBEventSourceConfig")?;
        unsupported(logging_config.as_ref(), "LoggingConfig")?;
        refuse(provisioned_poller_config.as_ref(), "ProvisionedPollerConfig yet: leave it out")?;
        let number = |value: Option<i32>| value.and_then(|value| u32::try_from(value).ok());
        Ok(MappingChange {
            function: None,
            is_enabled: enabled,
            batch_size: number(batch_size),
            window_seconds: number(maximum_batching_window_in_seconds),
            reports_failures: function_response_types.map(|types| !types.is_empty()),
            filters: filter_criteria.map(filters).transpose()?,
            maximum_concurrency: scaling_config.map(|ScalingConfig { maximum_concurrency }| {
                maximum_concurrency.and_then(|value| u32::try_from(value).ok())
            }),
            kms_key: kms_key_arn.map(SmolStr::new),
            metrics: metrics_config.map(|EventSourceMappingMetricsConfig { metrics }| {
                metrics.unwrap_or_default().into_iter().map(SmolStr::new).collect()
            }),
        })
    }
}

/// Refuses a member that other kinds of event sources have, in AWS's words.
pub(crate) fn unsupported<T>(member: Option<&T>, name: &str) -> Result<(), InvalidParameter> {
    match member {
        Some(_) => Err(InvalidParameter {
            sentence: format!("Unsupported {name} parameter for given event source mapping type."),
        }),
        None => Ok(()),
    }
}

/// The patterns, each of which Lambda can read.
fn filters(criteria: FilterCriteria) -> Result<Vec<SmolStr>, InvalidParameter> {
    let FilterCriteria { filters } = criteria;
    let checked = filters.unwrap_or_default().into_iter().map(|Filter { pattern }| {
        let pattern = pattern.unwrap_or_default();
        match FilterPolicy::parse(&pattern, Dialect::Lambda) {
            Ok(_) => Ok(SmolStr::new(pattern)),
            Err(error) => {
                tracing::debug!("a filter pattern was refused: {error}");
                Err(InvalidParameter { sentence: "Invalid filter pattern definition.".to_owned() })
            }
        }
    });
    checked.collect()
}

/// A mapping under the place in which it is.
pub(crate) struct DescribedMapping<'a> {
    pub(crate) account: AccountId,
    pub(crate) region: &'a Region,
    pub(crate) id: u128,
    pub(crate) mapping: &'a Mapping,
}

/// The model has the same members in five structures.
macro_rules! described {
    ($($output:ident),* $(,)?) => {$(
        impl From<DescribedMapping<'_>> for $output {
            fn from(described: DescribedMapping<'_>) -> Self {
                let DescribedMapping { account, region, id, mapping } = described;
                let Mapping { queue, function, terms, modified_at, .. } = mapping;
                let number = |value: u32| i32::try_from(value).ok();
                let arn = Arn::new("lambda", region, account, format!("event-source-mapping:{}", uuid(id)));
                let pattern = |pattern: &SmolStr| Filter { pattern: Some(pattern.to_string()) };
                let filters: Vec<Filter> = terms.filters.iter().map(pattern).collect();
                let reports = terms.reports_failures.then(|| "ReportBatchItemFailures".to_owned());
                Self {
                    uuid: Some(uuid(id)),
                    batch_size: number(terms.batch_size),
                    maximum_batching_window_in_seconds: number(terms.window_seconds),
                    event_source_arn: Some(queue.to_string()),
                    filter_criteria: (!filters.is_empty()).then(|| FilterCriteria { filters: Some(filters) }),
                    kms_key_arn: terms.kms_key.as_ref().map(ToString::to_string),
                    metrics_config: terms.metrics.as_ref().map(|metrics| EventSourceMappingMetricsConfig {
                        metrics: Some(metrics.iter().map(ToString::to_string).collect()),
                    }),
                    scaling_config: terms
                        .maximum_concurrency
                        .map(|limit| ScalingConfig { maximum_concurrency: number(limit) }),
                    function_arn: Some(function.to_string()),
                    // AWS tells whole seconds
                    last_modified: Some(DateTime::from_secs(modified_at.as_secs())),
                    state: Some(mapping.state().to_owned()),
                    state_transition_reason: Some("USER_INITIATED".to_owned()),
                    function_response_types: Some(reports.into_iter().collect()),
                    event_source_mapping_arn: Some(arn.to_string()),
                    ..Self::default()
                }
            }
        }
    )*};
}

described! {
    CreateEventSourceMappingOutput,
    DeleteEventSourceMappingOutput,
    EventSourceMappingConfiguration,
    GetEventSourceMappingOutput,
    UpdateEventSourceMappingOutput,
}
