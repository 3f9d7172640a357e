package io.glucogrid.loaders;

import java.io.IOException;
import java.net.URI;
import java.nio.file.NoSuchFileException;
import java.util.EnumSet;
import java.util.zip.CRC32C;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.parquet.io.PositionOutputStream;

/** A tier on HDFS: write beside the final name, hsync, close, rename, which fails where the name is taken. */
final class HdfsTier extends HadoopTier {
    private static final int BUFFER_BYTES = 1 << 16;

    HdfsTier(URI root, FileSystem files) {
        super(root, files);
    }

    @Override
    public Pending create(String folder) {
        return new Draft(new Drafts(), folder, Draft.name(folder));
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
        Path draft = at(Draft.name(Draft.folder(path)));
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

    /** Files beside their final names. */
    private final class Drafts implements Draft.Place {
        @Override
        public PositionOutputStream open(String draft, CRC32C checksum) throws IOException {
            FSDataOutputStream out = openNew(at(draft));
            return new SummedStream(out, checksum, out::hsync);
        }

        @Override
        public long rename(String draft, String path) throws IOException {
            long bytes = files().getFileStatus(at(draft)).getLen();
            if (!HdfsTier.this.rename(at(draft), path)) {
                throw new IOException("'" + path + "' exists already");
            }
            return bytes;
        }

        @Override
        public void delete(String draft) throws IOException {
            HdfsTier.this.delete(draft);
        }
    }
}
