// A password that came in clear, inside IKE or TLS, against the EAP secrets of its user.
using System.Security.Cryptography;
using Cygnet.Auth;
using Cygnet.Policy;

namespace Cygnet.Eap.Methods;

static class Password
{
    /// <summary>All secrets that match are tried, as the reference's XAuth backend does. What takes its time tells only how many there are.</summary>
    public static bool IsRight(MethodContext context, Identity user, ReadOnlySpan<byte> password)
    {
        var secrets = context.Surroundings.Credentials.SharedSecrets(SecretClass.Eap, context.Server, user);
        if (secrets.Count == 0) context.Log(MethodContext.NoKey(context.Server, user));
        var isRight = false;
        foreach (var secret in secrets) isRight |= CryptographicOperations.FixedTimeEquals(secret, password);
        return isRight;
    }
}
