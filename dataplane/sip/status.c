// Status codes and their reason phrases.
#include "dataplane/sip/status.h"

// RFC 3261 §21 and the IANA registry of response codes.
#define status_rows(X)                                    \
	X(100, "Trying")                                  \
	X(180, "Ringing")                                 \
	X(181, "Call Is Being Forwarded")                 \
	X(182, "Queued")                                  \
	X(183, "Session Progress")                        \
	X(199, "Early Dialog Terminated")                 \
	X(200, "OK")                                      \
	X(202, "Accepted")                                \
	X(204, "No Notification")                         \
	X(300, "Multiple Choices")                        \
	X(301, "Moved Permanently")                       \
	X(302, "Moved Temporarily")                       \
	X(305, "Use Proxy")                               \
	X(380, "Alternative Service")                     \
	X(400, "Bad Request")                             \
	X(401, "Unauthorized")                            \
	X(402, "Payment Required")                        \
	X(403, "Forbidden")                               \
	X(404, "Not Found")                               \
	X(405, "Method Not Allowed")                      \
	X(406, "Not Acceptable")                          \
	X(407, "Proxy Authentication Required")           \
	X(408, "Request Timeout")                         \
	X(410, "Gone")                                    \
	X(412, "Conditional Request Failed")              \
	X(413, "Request Entity Too Large")                \
	X(414, "Request-URI Too Long")                    \
	X(415, "Unsupported Media Type")                  \
	X(416, "Unsupported URI Scheme")                  \
	X(417, "Unknown Resource-Priority")               \
	X(420, "Bad Extension")                           \
	X(421, "Extension Required")                      \
	X(422, "Session Interval Too Small")              \
	X(423, "Interval Too Brief")                      \
	X(424, "Bad Location Information")                \
	X(425, "Bad Alert Message")                       \
	X(428, "Use Identity Header")                     \
	X(429, "Provide Referrer Identity")               \
	X(430, "Flow Failed")                             \
	X(433, "Anonymity Disallowed")                    \
	X(436, "Bad Identity-Info")                       \
	X(437, "Unsupported Certificate")                 \
	X(438, "Invalid Identity Header")                 \
	X(439, "First Hop Lacks Outbound Support")        \
	X(440, "Max-Breadth Exceeded")                    \
	X(469, "Bad Info Package")                        \
	X(470, "Consent Needed")                          \
	X(478, "Unresolvable Destination")                \
	X(480, "Temporarily Unavailable")                 \
	X(481, "Call/Transaction Does Not Exist")         \
	X(482, "Loop Detected")                           \
	X(483, "Too Many Hops")                           \
	X(484, "Address Incomplete")                      \
	X(485, "Ambiguous")                               \
	X(486, "Busy Here")                               \
	X(487, "Request Terminated")                      \
	X(488, "Not Acceptable Here")                     \
	X(489, "Bad Event")                               \
	X(491, "Request Pending")                         \
	X(493, "Undecipherable")                          \
	X(494, "Security Agreement Required")             \
	X(500, "Server Internal Error")                   \
	X(501, "Not Implemented")                         \
	X(502, "Bad Gateway")                             \
	X(503, "Service Unavailable")                     \
	X(504, "Server Time-out")                         \
	X(505, "Version Not Supported")                   \
	X(513, "Message Too Large")                       \
	X(555, "Push Notification Service Not Supported") \
	X(580, "Precondition Failure")                    \
	X(600, "Busy Everywhere")                         \
	X(603, "Decline")                                 \
	X(604, "Does Not Exist Anywhere")                 \
	X(606, "Not Acceptable")                          \
	X(607, "Unwanted")                                \
	X(608, "Rejected")

struct str status_reason(uint16_t status)
{
	static const struct str classes[] = {
	        {"Unknown", 7},
	        {"Progress", 8},
	        {"Success", 7},
	        {"Redirection", 11},
	        {"Client Error", 12},
	        {"Server Error", 12},
	        {"Global Failure", 14},
	};

	switch (status) {
#define X(code, phrase) \
	case code:      \
		return STR(phrase);
		status_rows(X)
#undef X
		        default : return classes[status >= 100 && status <= 699 ? status / 100 : 0];
	}
}
