/** The Parquet tier: segments, who writes and finds them, and the Ignite doors to them. */
@NullMarked
package io.glucogrid.loaders;

import org.jspecify.annotations.NullMarked;
