// What the client needs of the machine: sending datagrams, and a log.
namespace Cygnet.Radius;

/// <summary>Called only from inside <see cref="RadiusClient"/>'s inputs.</summary>
public interface IRadiusNetwork
{
    /// <summary>Sends from that socket to its server and port. What cannot be sent is lost.</summary>
    void Send(RadiusChannel channel, byte[] datagram);

    /// <summary>The server did not answer: its address may have changed, names are to be looked up anew before the next sending.</summary>
    void Reopen(RadiusChannel channel);

    /// <summary>A line of group CFG, level 1.</summary>
    void Log(string text);
}
