// The server's side of EAP, chosen by the configured word.
namespace Cygnet.Eap;

/// <summary>Makes the server's side of a conversation.</summary>
public static class EapServers
{
    internal const string RadiusWord = "eap-radius";

    public static IEapServer Create(EapServerContext context) =>
        context.Round.Method.Equals(RadiusWord, StringComparison.OrdinalIgnoreCase) && context.Radius is { } radius ? radius(context) : new EapServer(context);
}
