// One RADIUS server as configured: charon.plugins.eap-radius.servers.*.
namespace Cygnet.Radius;

/// <summary>Defaults are those of strongSwan 5.9.8.</summary>
public sealed record RadiusServerSettings
{
    public required string Name { get; init; }

    /// <summary>Address or host name.</summary>
    public required string Address { get; init; }
    public required byte[] Secret { get; init; }
    public ushort AuthPort { get; init; } = 1812;
    public ushort AcctPort { get; init; } = 1813;

    /// <summary>The default is the reference's own name, not ours: servers out there have rules that look for it.</summary>
    public string NasIdentifier { get; init; } = "strongSwan";

    /// <summary>Sockets for each of the two ports; one carries 256 requests at a time.</summary>
    public int Sockets { get; init; } = 1;
    public int Preference { get; init; }

    /// <summary>Sendings of a request, the first among them, and seconds to the first repetition, which grow by the base.</summary>
    public int RetransmitTries { get; init; } = 4;
    public double RetransmitTimeout { get; init; } = 2.0;
    public double RetransmitBase { get; init; } = 1.4;

    // The secret must not reach a log by way of a record's printing.
    public override string ToString() => $"{Name} at {Address}";
}
