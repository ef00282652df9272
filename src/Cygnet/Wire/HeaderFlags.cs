// Flags of the IKE header. RFC 7296 3.1.
namespace Cygnet.Wire;

/// <summary>Who sent a message, and whether it answers another one.</summary>
[Flags]
public enum HeaderFlags : byte
{
    None = 0,
    /// <summary>Set by the original initiator of the IKE SA in all its messages.</summary>
    Initiator = 8,
    /// <summary>A higher major version is possible; ignored.</summary>
    Version = 16,
    Response = 32,
}
