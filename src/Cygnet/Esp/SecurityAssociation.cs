// What both directions of an SA have in common: keys, cipher contexts, selectors, path, limits. RFC 4301 4.4.2.1.
using System.Collections.Immutable;
using System.Security.Cryptography;
using Cygnet.Crypto;
using Cygnet.Policy;

namespace Cygnet.Esp;

/// <summary>Fields that change are written whole and read without a lock.</summary>
abstract class SecurityAssociation
{
    readonly Lock _slotLock = new();
    readonly Transform _encryption;
    readonly Transform? _integrity;
    readonly byte[] _encryptionKey, _integrityKey;
    readonly bool _sha256_96;
    readonly CipherSlot?[] _slots;
    SaPath _path;
    volatile bool _isRetired;
    int _softRaised, _hardRaised;
    long _lastUsed;

    /// <summary>Throws what <see cref="PacketCipher.Create"/> throws, so that wrong keys are found at installation.</summary>
    protected SecurityAssociation(SaParameters p, Transform encryption, int workers)
    {
        Direction = p.Direction;
        Spi = p.Spi;
        Reqid = p.Reqid;
        Remote = p.Remote.Address;
        LocalTs = p.LocalTs;
        RemoteTs = p.RemoteTs;
        IsExtended = p.ExtendedSequenceNumbers;
        (Mode, Cpi) = (p.Mode, p.Cpi);
        (CopyEcn, CopyDscp) = (p.CopyEcn, p.CopyDscp);
        (SoftBytes, HardBytes) = (Limit(p.SoftBytes), Limit(p.HardBytes));
        (SoftPackets, HardPackets) = (Limit(p.SoftPackets), Limit(p.HardPackets));
        _encryption = encryption;
        _integrity = p.Integrity;
        _encryptionKey = [.. p.EncryptionKey];
        _integrityKey = [.. p.IntegrityKey];
        _sha256_96 = p.Sha256_96;
        _slots = new CipherSlot?[workers];
        _path = new(PathOf(p.Local, p.Remote, p.UdpEncapsulation));
        var first = CreateCipher();
        _slots[0] = new(first);
        Layout = new(first, IsExtended);

        static ulong Limit(ulong value) => value == 0 ? ulong.MaxValue : value;
    }

    public SaDirection Direction { get; }
    public uint Spi { get; }
    public uint Reqid { get; }

    /// <summary>The peer's address, by which the control side names outbound SAs. Only the control side uses it.</summary>
    public Address Remote { get; set; }
    public ImmutableArray<TrafficSelector> LocalTs { get; set; }
    public ImmutableArray<TrafficSelector> RemoteTs { get; set; }
    public bool IsExtended { get; }
    public ChildMode Mode { get; }

    /// <summary>What of the outer and inner headers is copied. RFC 6040, RFC 2983.</summary>
    public bool CopyEcn { get; }
    public DscpCopy CopyDscp { get; }

    /// <summary>Under which packets are compressed; 0 without IPComp.</summary>
    public ushort Cpi { get; }

    /// <summary>A field, so that packets read it in place.</summary>
    public readonly EspLayout Layout;

    /// <summary>The content is encrypted, not only authenticated.</summary>
    public bool IsSecret => _encryption.Id is not (Encr.Null or Encr.NullAesGmac);

    public SaPath Path
    {
        get => Volatile.Read(ref _path);
        set => Volatile.Write(ref _path, value);
    }

    public bool IsRetired => _isRetired;

    /// <summary>A hard limit is reached: nothing passes any more.</summary>
    public bool IsExpired => Volatile.Read(ref _hardRaised) != 0;

    public long LastUsed
    {
        get => Volatile.Read(ref _lastUsed);
        set => Volatile.Write(ref _lastUsed, value);
    }

    public abstract SaCounters Counters { get; }

    // Limits not set are ulong.MaxValue, so that one comparison does.
    protected ulong SoftBytes { get; }
    protected ulong HardBytes { get; }
    protected ulong SoftPackets { get; }
    protected ulong HardPackets { get; }

    public static EspPath PathOf(Endpoint local, Endpoint remote, bool udpEncapsulation) =>
        udpEncapsulation ? new(local, remote, true) : new(local with { Port = 0 }, remote with { Port = 0 }, false);

    /// <summary>The worker's cipher slot, entered; null once the SA is removed. Leave it after each packet.</summary>
    public CipherSlot? Enter(int worker)
    {
        var slot = Volatile.Read(ref _slots[worker]) ?? AddSlot(worker);
        return slot is not null && slot.TryEnter() ? slot : null;
    }

    /// <summary>Ends all use of the SA and clears its keys. Must not be called while this thread is inside a slot.</summary>
    public void Retire()
    {
        lock (_slotLock)
        {
            _isRetired = true;
            foreach (var slot in _slots) slot?.Retire();
            CryptographicOperations.ZeroMemory(_encryptionKey);
            CryptographicOperations.ZeroMemory(_integrityKey);
        }
    }

    /// <summary>True once, for the first caller: the soft event is to be raised.</summary>
    protected bool RaiseSoft() => Volatile.Read(ref _softRaised) == 0 && Interlocked.Exchange(ref _softRaised, 1) == 0;

    /// <summary>True once, for the first caller: the hard event is to be raised.</summary>
    protected bool RaiseHard() => Volatile.Read(ref _hardRaised) == 0 && Interlocked.Exchange(ref _hardRaised, 1) == 0;

    // Once per worker and SA, hence the lock and the allocation.
    CipherSlot? AddSlot(int worker)
    {
        lock (_slotLock)
        {
            if (_isRetired) return null;
            var slot = new CipherSlot(CreateCipher());
            Volatile.Write(ref _slots[worker], slot);
            return slot;
        }
    }

    PacketCipher CreateCipher() => PacketCipher.Create(_encryption, _integrity, _encryptionKey, _integrityKey, _sha256_96);
}
