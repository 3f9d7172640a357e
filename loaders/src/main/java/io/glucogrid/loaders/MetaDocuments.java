package io.glucogrid.loaders;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.MetaStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Documents as files {@code meta/<kind>/<version>.json}, the version padded so that names sort. */
final class MetaDocuments implements MetaStore {
    static final String FOLDER = "meta";

    private static final Pattern KIND = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*");

    /** What a listing has may be gone, and newer ones there, when it is read; an empty one is asked for again for that reason. */
    private static final int ATTEMPTS = 10;

    private final TierStorage storage;

    MetaDocuments(TierStorage storage) {
        this.storage = storage;
    }

    @Override
    public @Nullable Document latest(String kind) {
        String folder = folder(kind);
        Pattern name = Pattern.compile(Pattern.quote(folder) + "/(\\d{1,18})\\.json");
        try {
            for (int attempt = 1; ; attempt++) {
                OptionalLong newest = storage.list(folder).stream()
                        .map(file -> name.matcher(file.path()))
                        .filter(Matcher::matches)
                        .mapToLong(match -> Long.parseLong(match.group(1)))
                        .max();
                Document document = newest.isPresent() ? read(kind, newest.getAsLong()) : null;
                if (document != null || (newest.isEmpty() && attempt > 1)) {
                    return document;
                }
                if (attempt == ATTEMPTS) {
                    throw new IOException("its newest version goes again and again");
                }
            }
        } catch (IOException failure) {
            throw unavailable(kind, failure);
        }
    }

    @Override
    public @Nullable Document read(String kind, long version) {
        try {
            byte[] bytes = storage.read(path(kind, version));
            return bytes == null ? null : new Document(version, new String(bytes, StandardCharsets.UTF_8));
        } catch (IOException failure) {
            throw unavailable(kind, failure);
        }
    }

    @Override
    public void publish(String kind, long version, String text) {
        String path = path(kind, version);
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        try {
            if (!storage.createIfAbsent(path, bytes) && !Arrays.equals(bytes, storage.read(path))) {
                throw new GridException(
                        ErrorCode.CONFLICT, "version " + version + " of '" + kind + "' exists already and is another");
            }
        } catch (IOException failure) {
            throw unavailable(kind, failure);
        }
    }

    @Override
    public void remove(String kind, long version) {
        try {
            storage.delete(path(kind, version));
        } catch (IOException failure) {
            throw unavailable(kind, failure);
        }
    }

    private static String folder(String kind) {
        if (!KIND.matcher(kind).matches()) {
            throw new GridException(ErrorCode.INVALID_REQUEST, "'" + kind + "' is not a kind of document");
        }
        return FOLDER + "/" + kind;
    }

    /** Below the root. */
    static String path(String kind, long version) {
        if (version < 0) {
            throw new GridException(ErrorCode.INVALID_REQUEST, "version " + version + " of '" + kind + "' is negative");
        }
        return String.format(Locale.ROOT, "%s/%018d.json", folder(kind), version);
    }

    private GridException unavailable(String kind, IOException failure) {
        return new GridException(
                ErrorCode.STORAGE_UNAVAILABLE,
                "document '" + kind + "' in " + storage.root() + ": " + failure,
                failure);
    }
}
