/** The feature API over HTTP; the only package that knows Undertow. */
@NullMarked
package io.glucogrid.http;

import org.jspecify.annotations.NullMarked;
