/** JSON and YAML in and out; the only package that knows Jackson. */
@NullMarked
package io.glucogrid.json;

import org.jspecify.annotations.NullMarked;
