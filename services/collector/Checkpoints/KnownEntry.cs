namespace Tributary.Collector.Checkpoints;

/// <summary>A checkpoint that is kept encoded, as there may be a hundred thousand, and the next ones in two hash chains.</summary>
internal sealed class KnownEntry(CheckpointHome home, byte[] encoded, ulong inode, int pathHash)
{
    /// <summary>Where it is saved.</summary>
    public CheckpointHome Home => home;

    /// <summary>As <see cref="CheckpointCodec"/> writes it.</summary>
    public byte[] Encoded => encoded;

    public ulong Inode => inode;

    public int PathHash => pathHash;

    public KnownEntry? NextOfInode { get; set; }

    public KnownEntry? NextOfPath { get; set; }

    /// <summary>Not known any more: taken out, replaced or forgotten.</summary>
    public bool IsRemoved { get; set; }

    public Checkpoint Decode() => CheckpointCodec.Decode(encoded);
}
