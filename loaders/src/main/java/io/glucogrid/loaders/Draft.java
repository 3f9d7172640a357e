package io.glucogrid.loaders;

import java.io.IOException;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;

/**
 * A file that is written beside its final name and then renamed, on storage that renames in one step.
 *
 * <p>In-progress names never end in {@code .parquet}, because other readers of the tier match {@code *.parquet}, hidden files
 * included.
 */
final class Draft implements TierStorage.Pending {
    private final Place place;
    private final String folder;
    private final String name;
    private final SummedOutput output;
    private boolean published;

    Draft(Place place, String folder, String name) {
        this.place = place;
        this.folder = folder;
        this.name = name;
        this.output = new SummedOutput(name, checksum -> place.open(name, checksum));
    }

    /** What a storage does with drafts; names are paths below its root. */
    interface Place {
        PositionOutputStream open(String draft, CRC32C checksum) throws IOException;

        /** Durably, to a name that has random digits, so that nobody else has it; returns the size in bytes. */
        long rename(String draft, String path) throws IOException;

        /** Nothing where there is none. */
        void delete(String draft) throws IOException;
    }

    /** A name in a folder that nobody else takes. */
    static String name(String folder) {
        String name = UUID.randomUUID() + LocalTier.IN_PROGRESS;
        return folder.isEmpty() ? name : folder + "/" + name;
    }

    /** The folder that a path is in; empty for the root. */
    static String folder(String path) {
        return path.substring(0, Math.max(0, path.lastIndexOf('/')));
    }

    @Override
    public OutputFile output() {
        return output;
    }

    @Override
    public int checksum() {
        return output.checksum();
    }

    @Override
    public long publish(String path) throws IOException {
        if (!folder.equals(folder(path))) {
            throw new IOException("'" + path + "' is not in the folder that the file was started in");
        }
        long bytes = place.rename(name, path);
        published = true;
        return bytes;
    }

    @Override
    public void close() throws IOException {
        if (!published) {
            place.delete(name);
        }
    }
}
