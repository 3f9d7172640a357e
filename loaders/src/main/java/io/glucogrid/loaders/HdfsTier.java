package io.glucogrid.loaders;

import java.io.IOException;
import java.net.URI;
import java.nio.file.NoSuchFileException;
import java.util.EnumSet;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;

/** A tier on HDFS: write beside the final name, hsync, close, rename, which fails where the name is taken. */
final class HdfsTier extends HadoopTier {
    private static final int BUFFER_BYTES = 1 << 16;

    HdfsTier(URI root, FileSystem files) {
        super(root, files);
    }

    @Override
    public Pending create(String folder) {
        return new PendingFile(folder, draft(folder));
    }

    @Override
    public void move(String from, String to) throws IOException {
        files().mkdirs(at(to).getParent());
        if (!rename(at(from), to)) {
            throw new IOException("'" + from + "' cannot be moved: '" + to + "' exists already");
        }
    }

    @Override
    public boolean createIfAbsent(String path, byte[] bytes) throws IOException {
        int slash = path.lastIndexOf('/');
        Path draft = draft(slash < 0 ? "" : path.substring(0, slash));
        boolean published = false;
        try {
            try (FSDataOutputStream out = openNew(draft)) {
                out.write(bytes);
                out.hsync();
            }
            published = rename(draft, path);
            return published;
        } finally {
            if (!published) {
                files().delete(draft, false);
            }
        }
    }

    /** False where the name is taken. The answer of HDFS is false for that and for some other reasons. */
    private boolean rename(Path draft, String path) throws IOException {
        Path target = at(path);
        if (files().rename(draft, target)) {
            return true;
        }
        if (files().exists(target)) {
            return false;
        }
        if (!files().exists(draft)) {
            throw new NoSuchFileException(draft.toString());
        }
        throw new IOException(draft + " cannot be renamed to " + target);
    }

    private Path draft(String folder) {
        String name = UUID.randomUUID() + LocalTier.IN_PROGRESS;
        return at(folder.isEmpty() ? name : folder + "/" + name);
    }

    /** With {@code SYNC_BLOCK}, or only the last block of a file would be forced to disk. */
    private FSDataOutputStream openNew(Path draft) throws IOException {
        FileSystem files = files();
        return files.create(
                draft,
                FsPermission.getFileDefault(),
                EnumSet.of(CreateFlag.CREATE, CreateFlag.SYNC_BLOCK),
                BUFFER_BYTES,
                files.getDefaultReplication(draft),
                files.getDefaultBlockSize(draft),
                null);
    }

    /** Bytes go to a neighbour of the final name. */
    private final class PendingFile implements Pending {
        private final String folder;
        private final Path draft;
        private final SummedOutput output;
        private boolean published;

        PendingFile(String folder, Path draft) {
            this.folder = folder;
            this.draft = draft;
            this.output = new SummedOutput(draft.toString(), this::open);
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
            if (!path.startsWith(folder + "/")) {
                throw new IOException("'" + path + "' is not in the folder that the file was started in");
            }
            long bytes = files().getFileStatus(draft).getLen();
            if (!rename(draft, path)) {
                throw new IOException("'" + path + "' exists already");
            }
            published = true;
            return bytes;
        }

        @Override
        public void close() throws IOException {
            if (!published) {
                files().delete(draft, false);
            }
        }

        private PositionOutputStream open(CRC32C checksum) throws IOException {
            FSDataOutputStream out = openNew(draft);
            return new SummedStream(out, checksum, out::hsync);
        }
    }
}
