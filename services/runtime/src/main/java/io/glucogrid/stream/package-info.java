/**
 * From Kafka into the stores, at least once.
 *
 * <p>{@link io.glucogrid.stream.StreamStep} is the promise: poll, apply, commit. {@link io.glucogrid.stream.StreamLoop}
 * supervises it, {@link io.glucogrid.stream.CommittingKafkaStreamer} is its form for Ignite, and the two services say what
 * "apply" means: the online store, or the Parquet tier. Both groups read the same topic with the same parser; both count bad
 * records, and the offline group, whose promise is durability, writes them to the dead-letter topic.
 */
@NullMarked
package io.glucogrid.stream;

import org.jspecify.annotations.NullMarked;
