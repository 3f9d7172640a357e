/** The API of Feast's feature server, so that its clients work unmodified. */
@NullMarked
package io.glucogrid.feast;

import org.jspecify.annotations.NullMarked;
