//! UpdateEventSourceMapping: changes how a function gets the messages of a queue, or which function does.
//! <https://docs.aws.amazon.com/lambda/latest/api/API_UpdateEventSourceMapping.html>
//! Done: UUID FunctionName Enabled BatchSize FilterCriteria ScalingConfig MaximumBatchingWindowInSeconds FunctionResponseTypes
//! Stored: KMSKeyArn MetricsConfig
//! Refused: LoggingConfig ParallelizationFactor DestinationConfig MaximumRecordAgeInSeconds BisectBatchOnFunctionError MaximumRetryAttempts TumblingWindowInSeconds SourceAccessConfigurations AmazonManagedKafkaEventSourceConfig SelfManagedKafkaEventSourceConfig DocumentDBEventSourceConfig ProvisionedPollerConfig
//! Deviates: as CreateEventSourceMapping; a mapping that is being changed may be changed again at once

use super::mapped_function;
use crate::domain::failure::NoSuchMapping;
use crate::domain::{FunctionAddress, MappingChange, parse_uuid};
use crate::shapes::{DescribedMapping, MappingMembers};
use crate::state::mappings;
use mesh_models::lambda::{
    UpdateEventSourceMappingError, UpdateEventSourceMappingInput, UpdateEventSourceMappingOutput,
};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: UpdateEventSourceMappingInput,
) -> Result<UpdateEventSourceMappingOutput, UpdateEventSourceMappingError> {
    let UpdateEventSourceMappingInput {
        uuid,
        function_name,
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
    } = input;
    let id = parse_uuid(&uuid.unwrap_or_default()).ok_or(NoSuchMapping)?;
    let place = mappings::key_of(cx.account(), cx.region());
    if cx.read(&place, |mappings, _| mappings.mappings.get(&id).is_none())? {
        return Err(NoSuchMapping.into());
    }
    let members = MappingMembers {
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
    };
    let mut change = members.check::<UpdateEventSourceMappingError>()?;
    if let Some(name) = function_name {
        let function = FunctionAddress::parse::<UpdateEventSourceMappingError>(cx, &name, None)?;
        mapped_function::<UpdateEventSourceMappingError>(cx, &function)?;
        change = MappingChange { function: Some(function.qualified_arn().into()), ..change };
    }
    let mapping = cx.write(&place, |mappings, tx| {
        let changed = mappings.change(id, change.clone(), tx)?;
        changed.ok_or_else(|| UpdateEventSourceMappingError::from(NoSuchMapping))
    })?;
    Ok(DescribedMapping { account: place.account(), region: place.region(), id, mapping: &mapping }.into())
}
