// Sealed packets of one SA that wait to leave together: what UDP_SEGMENT sends in one call.
namespace Cygnet.Esp;

/// <summary>All packets are as long as the first; a shorter one ends the run.</summary>
sealed class SendRun
{
    public const int LargestBytes = 65_000, MostPackets = 64;

    readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(LargestBytes, pinned: true);
    SaPath? _path;
    int _length, _packets, _segmentSize;
    bool _isClosed;
    byte _trafficClass;

    public OutboundSa? Sa { get; private set; }

    public bool Takes(SaPath path, byte trafficClass, int bytes) =>
        path == _path && trafficClass == _trafficClass && !_isClosed && bytes <= _segmentSize && _packets < MostPackets && _length + bytes <= LargestBytes;

    public void Start(OutboundSa sa, SaPath path, byte trafficClass, int segmentSize) => (Sa, _path, _trafficClass, _segmentSize) = (sa, path, trafficClass, segmentSize);

    /// <summary>Room for the next packet; it counts once it is <see cref="Add"/>ed.</summary>
    public Span<byte> Room(int bytes) => _buffer.AsSpan(_length, bytes);

    public void Add(int bytes)
    {
        _length += bytes;
        _packets++;
        _isClosed = bytes < _segmentSize;
    }

    public void Flush(IEspSink sink)
    {
        var (path, length, size) = (_path, _length, _segmentSize);
        (Sa, _path, _length, _packets, _segmentSize, _isClosed) = (null, null, 0, 0, 0, false);
        if (length > 0) sink.Send(path!.Path with { TrafficClass = _trafficClass }, _buffer.AsSpan(0, length), size);
    }
}
