/** Feature definitions and feature values. Nothing here knows what the features are about. */
@NullMarked
package io.glucogrid.feature;

import org.jspecify.annotations.NullMarked;
