// Pieces of TLS in EAP packets: flags, length, fragments, acknowledgements. RFC 5216 2.1.5 and 3.1, RFC 5281 9.
using Cygnet.Wire;

namespace Cygnet.Eap.Tls;

/// <summary>What a packet was: the start, a whole flight, a piece of one that we acknowledge, an acknowledgement, or nothing that may be here.</summary>
enum TlsFrame { Start, Message, Piece, Acknowledgement, Malformed }

/// <summary>Takes flights apart and puts them together. Each piece has at least one byte, and what a flight may hold is bounded.</summary>
sealed class TlsFraming(EapType type, EapTlsSettings settings, bool isServer)
{
    const byte LengthFlag = 0x80, MoreFlag = 0x40, StartFlag = 0x20, VersionMask = 0x07;
    const int MaxFlight = 65536, HeaderBytes = 6, LengthBytes = 4, LeastFragment = 100, MostFragment = 65000;

    readonly int _fragment = Math.Clamp(settings.FragmentSize, LeastFragment, MostFragment);
    readonly MemoryStream _in = new();
    uint? _announced;
    byte[] _out = [];
    int _sent, _received;
    bool _hasStarted = isServer;

    /// <summary>The flight, after <see cref="TlsFrame.Message"/>.</summary>
    public byte[] Flight { get; private set; } = [];

    /// <summary>There are pieces left that the other side has to ask for.</summary>
    public bool HasMore => _sent < _out.Length;

    /// <summary>TTLS and PEAP have a version in the flags, EAP-TLS reserves the bits. All we speak is 0.</summary>
    bool HasVersion => type != EapType.Tls;

    public static byte[] StartData => [StartFlag];

    public static byte[] AcknowledgementData => [0];

    public TlsFrame Receive(ReadOnlySpan<byte> data, out string reason)
    {
        reason = "";
        var max = settings.MaxMessageCount;
        if (max > 0 && ++_received > max)
        {
            reason = $"{type} packet count exceeded ({_received} > {max})";
            return TlsFrame.Malformed;
        }
        var r = new WireReader(data);
        var flags = r.U8();
        uint? announced = (flags & LengthFlag) != 0 ? r.U32() : null;
        if (r.Failed)
        {
            reason = $"{type} packet too short";
            return TlsFrame.Malformed;
        }
        if ((flags & StartFlag) != 0)
        {
            // A start may carry what belongs to higher versions; the answer says 0.
            if (!_hasStarted)
            {
                _hasStarted = true;
                return TlsFrame.Start;
            }
            reason = $"a second start of {type}";
        }
        else if (!_hasStarted) reason = $"{type} without a start";
        else if (HasVersion && (flags & VersionMask) != 0) reason = $"received {type} packet with unsupported version v{flags & VersionMask}";
        else return OnPiece(ref r, announced, (flags & MoreFlag) != 0, out reason);
        return TlsFrame.Malformed;
    }

    TlsFrame OnPiece(ref WireReader r, uint? announced, bool more, out string reason)
    {
        reason = "";
        var piece = r.Rest();
        if (piece.IsEmpty && !more && _in.Length == 0) return TlsFrame.Acknowledgement;
        if (piece.IsEmpty) reason = $"an empty piece of {type}";
        else if (HasMore) reason = $"{type} data while ours is not all sent";
        else if (announced is not null && _in.Length > 0 && announced != _announced) reason = $"{type} changes its length in the middle";
        else
        {
            if (_in.Length == 0) _announced = announced;
            if (_in.Length + piece.Length > (_announced ?? MaxFlight) || _announced > MaxFlight) reason = $"invalid {type} packet length ({_announced ?? MaxFlight} bytes)";
        }
        if (reason.Length > 0) return TlsFrame.Malformed;
        _in.Write(piece);
        if (more) return TlsFrame.Piece;
        Flight = _in.ToArray();
        _in.SetLength(0);
        if (_announced is null || _announced == Flight.Length) return TlsFrame.Message;
        reason = $"{type} announces {_announced} bytes and sends {Flight.Length}";
        return TlsFrame.Malformed;
    }

    /// <summary>Begins to send a flight; its first or only piece is the data of the next packet.</summary>
    public byte[] Send(byte[] flight)
    {
        (_out, _sent) = (flight, 0);
        return Next();
    }

    public byte[] Next()
    {
        var isFirst = _sent == 0;
        var isWhole = isFirst && HeaderBytes + (settings.IncludeLength ? LengthBytes : 0) + _out.Length <= _fragment;
        var hasLength = isWhole ? settings.IncludeLength : isFirst;
        var room = _fragment - HeaderBytes - (hasLength ? LengthBytes : 0);
        var count = Math.Min(room, _out.Length - _sent);
        var w = new WireWriter(1 + LengthBytes + count);
        w.U8((byte)((hasLength ? LengthFlag : 0) | (_sent + count < _out.Length ? MoreFlag : 0)));
        if (hasLength) w.U32((uint)_out.Length);
        w.Bytes(_out.AsSpan(_sent, count));
        _sent += count;
        return w.ToArray();
    }
}
