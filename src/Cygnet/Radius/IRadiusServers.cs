// The way to the RADIUS servers, as conversations and accounting see it.
namespace Cygnet.Radius;

/// <summary>Thread safe.</summary>
public interface IRadiusServers
{
    /// <summary>
    /// Sends a request and waits for the reply; null if no server gave one. <paramref name="server"/> is the one that the conversation is held
    /// with; null leaves the choice, and then the next one is asked if the first does not answer.
    /// </summary>
    Task<RadiusReply?> Request(RadiusCode code, RadiusAttributes attributes, string? server = null);
}
