/** Entity frames and joined rows as Parquet and CSV files. */
@NullMarked
package io.glucogrid.frames;

import org.jspecify.annotations.NullMarked;
