// Holds IKE messages back, so that a test sees a longer way than there is. strongswan.conf, send_delay and receive_delay.
namespace Cygnet.Charon;

/// <summary>Immutable; which messages are held back, and for how long.</summary>
sealed record PacketDelay(TimeSpan Time, int Exchange, bool Requests, bool Responses)
{
    const int ExchangeAt = 18, FlagsAt = 19;
    const byte ResponseFlag = 0x20;

    /// <summary>Null: nothing is held back. <paramref name="direction"/> is <c>send</c> or <c>receive</c>.</summary>
    public static PacketDelay? Read(DaemonConf conf, string direction)
    {
        var delay = new PacketDelay(TimeSpan.FromMilliseconds(Math.Clamp(conf.Number($"{direction}_delay", 0), 0, 3_600_000)), (int)conf.Number($"{direction}_delay_type", 0),
            conf.Boolean($"{direction}_delay_request", true), conf.Boolean($"{direction}_delay_response", true));
        return delay.Time == TimeSpan.Zero ? null : delay;
    }

    /// <summary>Whether that IKE datagram (without marker) is one of them.</summary>
    public bool Concerns(ReadOnlySpan<byte> datagram) => datagram.Length > FlagsAt
        && (Exchange == 0 || datagram[ExchangeAt] == Exchange) && ((datagram[FlagsAt] & ResponseFlag) != 0 ? Responses : Requests);
}
