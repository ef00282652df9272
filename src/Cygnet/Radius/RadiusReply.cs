// What became of a request to a RADIUS server.
namespace Cygnet.Radius;

/// <summary>An authenticated reply. <paramref name="Msk"/>: the keys of an Access-Accept, which only who sent the request can decrypt.</summary>
public sealed record RadiusReply(RadiusPacket Packet, string Server, byte[]? Msk)
{
    // The MSK must not reach a log by way of a record's printing.
    public override string ToString() => $"{Packet.Code.Name()} of '{Server}'";
}
