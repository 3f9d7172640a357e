package io.glucogrid.client.produce;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which dead letters are meant.
 *
 * @param reason code of the reason, such as {@code not_json}, or the beginning of code and detail; null for any
 * @param since refused at this time or later; null for any
 * @param until refused before this time; null for any
 * @param limit so many at most, the oldest ones
 */
public record DeadLetterFilter(@Nullable String reason, @Nullable Instant since, @Nullable Instant until, long limit) {
    boolean takes(DeadLetter letter) {
        return (reason == null || letter.reason().startsWith(reason))
                && (since == null || !letter.time().isBefore(since))
                && (until == null || letter.time().isBefore(until));
    }
}
